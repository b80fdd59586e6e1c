//! Removing an account in the window: undone in time with everything, or gone with its secret.

use std::time::Duration;

use courrier_tests::until;

use crate::person::{ALICE, BOB, PASSWORD, Person};

/// Longer than the time to undo.
const LAPSED: Duration = Duration::from_secs(60);

#[test]
fn a_removal_can_be_undone_and_takes_the_secret_when_it_lapses() {
    let person = Person::new().has_account(ALICE).has_account(BOB);
    let secrets = || person.session.list(&[("service", "courrier")]).matches(PASSWORD).count();
    assert_eq!(secrets(), 2, "one entry each");
    let window = person.opens();
    window.open_account(ALICE);
    window.click("account-menu");
    window.click("remove");
    window.see_no_account(ALICE);
    window.read("notice", ALICE);
    window.screenshot("removed");
    window.click("undo");
    window.see_account(ALICE, "unchecked");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD), "undone with its secret");

    window.open_account(ALICE);
    window.click("account-menu");
    window.click("remove");
    window.see_no_account(ALICE);
    until("the secret to be gone", LAPSED, || (secrets() == 1).then_some(()));
    window.see_no("undo");
    assert_eq!(person.password(ALICE), Err("account.not_found".into()));
    assert_eq!(person.password(BOB).as_deref(), Ok(PASSWORD), "nobody else's");
}
