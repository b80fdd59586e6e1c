/** How the buttons outside the form of an account's settings belong to it. */

/** The form's id. */
export const FORM_ID = "account-settings";
/** The value of the button that saves without a check. */
export const UNCHECKED = "unchecked";
