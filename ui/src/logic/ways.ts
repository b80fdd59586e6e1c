/** How an address that is being added can sign in. */
import type { AuthorizeHelpView, CheckView } from "../backend/bindings";
import { SIDES } from "./stages";

/** `none`: the provider wants the browser, and nobody has registered this program there. */
export type Way = "browser" | "password" | "none";

export interface Ways {
  first: Way;
  /** The other way, where there is one. */
  other: "browser" | "password" | null;
}

/**
 * @param oauth True if the settings say so already.
 * @param help What the program knows of the servers; null while they are not complete.
 */
export function waysOf(oauth: boolean, help: AuthorizeHelpView | null): Ways {
  if (help === null) return { first: oauth ? "none" : "password", other: null };
  const known = help.provider !== null;
  // Of servers that nobody knows in advance, a password is what is usual; the check says if they want the browser.
  const password = !known || help.app_password_page !== null || isIssuer(help.provider);
  if (help.client !== "none" && (known || oauth)) return { first: "browser", other: password ? "password" : null };
  return { first: password ? "password" : "none", other: null };
}

/** An issuer of an organisation's own: its servers may take passwords beside tokens. */
function isIssuer(provider: string | null): boolean {
  return provider !== null && provider.includes(":");
}

/** Mechanisms that take a token (RFC 7628, and what came before it). */
const BY_TOKEN = ["OAUTHBEARER", "XOAUTH2"];

/** True where a server said that it would take what the browser gives, whatever became of the password. */
export function announcesBrowser(check: CheckView): boolean {
  const announced = SIDES.flatMap((side) => check[side].steps.flatMap((step) => step.detail.capabilities ?? []));
  // `AUTH=XOAUTH2` of IMAP, `AUTH PLAIN XOAUTH2` of SMTP.
  return announced.some((line) => line.split(/[ =]/).some((word) => BY_TOKEN.includes(word.toUpperCase())));
}
