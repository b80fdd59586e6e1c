//! The process is killed at every step of every change to secrets, and nothing is ever lost.

use std::collections::BTreeMap;

use courrier_tests::KeyringSession;

use crate::crash::{BYSTANDER, Home, Kept, TARGET, bystander, kept};

/// A change that is killed at each of its steps.
struct Change {
    /// The account as it is before; none: it is not there.
    before: Option<Kept>,
    /// What is done, in the words of `crashing`.
    operation: [&'static str; 3],
    passwords: [&'static str; 2],
    after: Option<Kept>,
    /// The steps it takes. From `Pointed` on it is done, before that it is not.
    steps: &'static [&'static str],
}

impl Change {
    /// Kills it at its first step, at its second, and so on until it is through.
    fn is_never_half_done(&self, prepare: impl Fn(&Home)) {
        let session = KeyringSession::unlocked();
        let neighbour = Home::with_bystander(&session);
        for step in 1.. {
            let home = Home::with_bystander(&session);
            if let Some(before) = &self.before {
                home.add(TARGET, before);
            }
            prepare(&home);
            let operation: Vec<&str> = self.operation.into_iter().filter(|word| !word.is_empty()).collect();
            let ended = home.crashing().die_at(step, &operation, self.passwords);
            let known = self.steps.get(..ended.steps.len()).unwrap_or_default();
            assert_eq!(ended.steps, known, "other steps than the test knows");
            let done = ended.steps.iter().any(|step| step == "Pointed");
            self.is_whole(&home, done, &session);
            if !ended.died {
                assert_eq!(ended.steps, self.steps);
                break;
            }
        }
        neighbour.is_sound(&session);
        assert_eq!(neighbour.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander())]));
    }

    fn is_whole(&self, home: &Home, done: bool, session: &KeyringSession) {
        // What finishes the change is killed as well, at its first step, then at its second, until it is through.
        let through = (1..=10).find(|&step| !home.crashing().die_at(step, &["open"], ["", ""]).died);
        assert!(through.is_some(), "opening never comes to its end");
        home.is_sound(session);
        let expected = if done { &self.after } else { &self.before };
        let mut accounts = BTreeMap::from([(BYSTANDER.to_owned(), bystander())]);
        accounts.extend(expected.clone().map(|account| (TARGET.to_owned(), account)));
        assert_eq!(home.read(), accounts);
        // The same as a mail program gets it.
        let password = home.cli.run(&["password", TARGET], "");
        match expected {
            Some(account) => assert_eq!(password.stdout, format!("{}\n", account.incoming), "{password}"),
            None => assert_eq!(password.status, 2, "{password}"),
        }
    }
}

fn nothing(_: &Home) {}

#[test]
fn adding_an_account() {
    Change {
        before: None,
        operation: ["add", TARGET, "new"],
        passwords: ["fresh", ""],
        after: Some(kept("new", "fresh", "fresh")),
        steps: &["Announced", "Written", "Pointed"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn adding_an_account_with_two_passwords() {
    Change {
        before: None,
        operation: ["add", TARGET, "new"],
        passwords: ["fresh", "fresh to send"],
        after: Some(kept("new", "fresh", "fresh to send")),
        steps: &["Announced", "Written", "Announced", "Written", "Pointed"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn adding_an_address_again() {
    Change {
        before: Some(kept("old", "stale", "stale")),
        operation: ["add", TARGET, "new"],
        passwords: ["fresh", "fresh to send"],
        after: Some(kept("new", "fresh", "fresh to send")),
        steps: &["Announced", "Written", "Announced", "Written", "Pointed", "Deleted", "Forgotten"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn changing_a_password() {
    Change {
        before: Some(kept("old", "stale", "stale")),
        operation: ["edit", TARGET, "new"],
        passwords: ["fresh", ""],
        after: Some(kept("new", "fresh", "fresh")),
        steps: &["Announced", "Written", "Pointed", "Deleted", "Forgotten"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn changing_both_passwords() {
    Change {
        before: Some(kept("old", "stale", "stale to send")),
        operation: ["edit", TARGET, "new"],
        passwords: ["fresh", "fresh to send"],
        after: Some(kept("new", "fresh", "fresh to send")),
        steps: &[
            "Announced",
            "Written",
            "Announced",
            "Written",
            "Pointed",
            "Deleted",
            "Forgotten",
            "Deleted",
            "Forgotten",
        ],
    }
    .is_never_half_done(nothing);
}

#[test]
fn one_password_where_there_were_two() {
    Change {
        before: Some(kept("old", "stale", "stale to send")),
        operation: ["edit", TARGET, "new"],
        passwords: ["fresh", ""],
        after: Some(kept("new", "fresh", "fresh")),
        steps: &["Announced", "Written", "Pointed", "Deleted", "Forgotten", "Deleted", "Forgotten"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn removing_an_account_at_once() {
    Change {
        before: Some(kept("old", "stale", "stale to send")),
        operation: ["remove", TARGET, ""],
        passwords: ["", ""],
        after: None,
        steps: &["Pointed", "Deleted", "Forgotten", "Deleted", "Forgotten"],
    }
    .is_never_half_done(nothing);
}

#[test]
fn removing_an_account_as_the_window_does() {
    // Hidden at first, and gone for good with the next start after its time. Whatever dies on the way, the time is
    // over and the removal goes on.
    let session = KeyringSession::unlocked();
    let steps = ["Pointed", "Deleted", "Forgotten", "Deleted", "Forgotten"];
    for step in 1..=steps.len() + 1 {
        let home = Home::with_bystander(&session);
        home.add(TARGET, &kept("old", "stale", "stale to send"));
        home.crashing().run(&["hide", TARGET], ["", ""]);
        home.time_to_undo_passes();
        let ended = home.crashing().die_at(u32::try_from(step).unwrap(), &["open"], ["", ""]);
        assert_eq!(ended.steps, steps[..step.min(steps.len())]);
        assert_eq!(ended.died, step <= steps.len());
        home.is_sound(&session);
        assert_eq!(home.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander())]));
    }
}

#[test]
fn a_hidden_account_comes_back_with_its_secrets() {
    let session = KeyringSession::unlocked();
    let home = Home::with_bystander(&session);
    let before = kept("old", "stale", "stale to send");
    home.add(TARGET, &before);
    let id = home.cli.json(&["account", "show", TARGET], "").json["id"].as_str().expect("an id").to_owned();
    home.crashing().run(&["hide", TARGET], ["", ""]);
    // Other processes start and die meanwhile.
    home.crashing().die_at(2, &["edit", BYSTANDER, "loud"], ["loud", ""]);
    home.is_sound(&session);
    assert_eq!(home.cli.json(&["account", "show", TARGET], "").error_code(), Some("account.not_found"));
    home.crashing().run(&["undo", &id], ["", ""]);
    home.is_sound(&session);
    assert_eq!(home.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander()), (TARGET.to_owned(), before)]));
}

#[test]
fn an_address_taken_over_from_an_account_that_goes_leaves_no_secret_behind() {
    let session = KeyringSession::unlocked();
    let home = Home::with_bystander(&session);
    home.add(TARGET, &kept("old", "stale", "stale to send"));
    home.crashing().run(&["hide", TARGET], ["", ""]);
    let outcome = home.cli.json(&["account", "edit", BYSTANDER, "--address", TARGET], "");
    assert_eq!(outcome.status, 0, "{outcome}");
    assert_eq!(home.entries(&session), home.pointers(), "at once, not with the next start");
    home.is_sound(&session);
    assert_eq!(home.read(), BTreeMap::from([(TARGET.to_owned(), bystander())]));
}
