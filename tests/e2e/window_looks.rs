//! Each room and state in French and in the dark, and at the smallest size, kept as pictures for people to look at;
//! what each picture shows is checked by what stands in it.

use crate::person::{ALICE, BOB, PASSWORD, Person, WRONG};

#[test]
fn every_room_in_french_and_dark() {
    let person = Person::new().speaks("fr_FR.UTF-8");
    let window = person.opens();
    window.see("first-only-here");
    window.screenshot("fr-first");
    window.click("first-only-here");
    window.see("address");
    window.screenshot("fr-add-first");
    window.click("room-settings");
    window.click("settings-theme-dark");
    window.until_script("the dark theme", "getComputedStyle(document.body).backgroundColor === 'rgb(23, 24, 26)'");
    window.see("finding");
    window.screenshot("fr-dark-settings");
    window.click("room-add");
    window.fill("address", ALICE);
    window.see("address-known");
    person.fill_servers(&window);
    window.fill("password", WRONG);
    window.screenshot("fr-dark-add-filled");
    window.click("save");
    window.read("problem-card", "mot de passe");
    window.screenshot("fr-dark-add-refused");
    window.fill("password", PASSWORD);
    window.click("save");
    window.see_account(ALICE, "ok");
    window.read("account-row", "Fonctionne");
    window.screenshot("fr-dark-health");
    person.adds(BOB, WRONG);
    window.open_account(BOB);
    window.click("check-again");
    window.see_account(BOB, "problem");
    window.screenshot("fr-dark-health-refused");
    for (tab, part) in [
        ("tab-settings", "account-settings"),
        ("tab-credentials", "hidden-secret"),
        ("tab-elsewhere", "helper-command"),
    ] {
        window.click(tab);
        window.see(part);
        window.screenshot(&format!("fr-dark-{part}"));
    }
    window.resize(720, 520);
    window.screenshot("fr-dark-small");
    window.click("room-settings");
    window.choose("language", "en");
    window.read("settings-storage", "keyring");
    window.screenshot("en-dark-small-settings");
}

#[test]
fn twenty_accounts_in_the_light() {
    let person = Person::new();
    for number in 0..20 {
        person.adds(&format!("person.{number:02}@example.test"), PASSWORD);
    }
    let window = person.opens();
    window.see_account("person.00@example.test", "unchecked");
    window.screenshot("list-twenty");
    window.fill("search", "PERSON.07");
    window.see_no_account("person.00@example.test");
    window.see_account("person.07@example.test", "unchecked");
    window.screenshot("list-searched");
    window.fill("search", "nobody");
    window.see_no_account("person.07@example.test");
    window.screenshot("list-no-match");
}
