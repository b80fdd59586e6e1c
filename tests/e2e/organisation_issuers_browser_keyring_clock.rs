//! A computer whose clock has gone wrong carries accounts like any other.

use courrier_tests::{CourrierServer, Keycloak};

use crate::organisation::Desk;
use crate::person::ALICE;

/// Keycloak takes proofs of the device's key that are dated at most 15 s ahead, and 25 s back.
#[test]
fn a_wrong_clock_does_no_harm() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::with(&realm).start();
    for offset in ["+40s", "+1h", "-1h", "+400d"] {
        let alice = realm.alice();
        let right = Desk::new();
        right.signs_in(&server, &alice);
        let wrong = Desk::new();
        wrong.adds(ALICE, "a password");
        wrong.signs_in(&server, &alice);
        // A sign-in itself is verified by the computer's own clock, and says so where that is wrong.
        let wrong = wrong.with_clock(offset);
        let name = format!("Edited at {offset}");
        wrong.names(ALICE, &name);
        let synced = wrong.does(&["sync"]);
        assert_eq!((&synced["sent"], &synced["pending"]), (&1.into(), &0.into()), "{offset}: {synced}");
        right.does(&["sync"]);
        assert_eq!(right.name_of(ALICE).as_deref(), Some(name.as_str()));
        right.does(&["account", "remove", ALICE]);
        right.does(&["sync"]);
        wrong.does(&["sync"]);
        assert_eq!(wrong.account(ALICE), None, "{offset}: an edit of its future is not newer than a removal");
    }
}
