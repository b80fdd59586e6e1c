//! What the page in the window may not do, even if somebody got a script into it.

use courrier_tests::{Act, ScriptedServer};
use serde_json::json;

use crate::person::{ALICE, Person};

#[test]
fn nothing_remote_is_loaded_and_nowhere_else_is_gone_to() {
    let person = Person::new().has_account(ALICE);
    let server = ScriptedServer::start([Act::say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
    let url = format!("http://127.0.0.1:{}/", server.port());
    let window = person.opens();
    window.see_account(ALICE, "unchecked");
    let home = window.script("return location.href");

    // A person's walk through all rooms breaks no rule: our own pages need no exception.
    window.script(
        "window.broken = []; document.addEventListener('securitypolicyviolation', \
         (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`))",
    );
    window.open_account(ALICE);
    for tab in ["tab-settings", "tab-credentials", "tab-elsewhere", "tab-health"] {
        window.click(tab);
    }
    window.click("room-settings");
    window.see("settings-storage");
    window.click("room-add");
    window.see("address");
    assert_eq!(window.script("return window.broken"), json!([]));

    let fetched = window.script_async(&format!("fetch('{url}').then(() => done('loaded'), () => done('refused'))"));
    assert_eq!(fetched, "refused");
    for element in ["img", "script", "iframe", "audio"] {
        let script = format!(
            "document.addEventListener('securitypolicyviolation', (event) => done(event.blockedURI), {{ once: true }}); \
             const e = document.createElement('{element}'); e.src = '{url}'; document.body.append(e);"
        );
        let blocked = window.script_async(&script);
        assert!(blocked.as_str().is_some_and(|blocked| url.starts_with(blocked)), "{element}: {blocked}");
    }
    let evaluated = window.script("try { return new Function('return 1')() } catch { return 'refused' }");
    assert_eq!(evaluated, "refused");
    let inline = window.script(
        "const e = document.createElement('script'); e.textContent = 'window.inline = true'; \
         document.body.append(e); return window.inline === true",
    );
    assert_eq!(inline, false);

    // Leaving and opening windows are refused by the program itself.
    window.script(&format!("window.open('{url}'); const a = document.createElement('a'); a.href = '{url}'; a.click()"));
    window.script(&format!("setTimeout(() => location.assign('{url}'))"));
    window.click("room-settings");
    window.see("settings-storage");
    assert_eq!(window.script("return location.href"), home);
    assert_eq!(server.connections(), 0, "nobody was called: {}", server.heard());
}

#[test]
fn only_our_own_commands_are_allowed() {
    let person = Person::new().has_account(ALICE);
    let window = person.opens();
    window.see_account(ALICE, "unchecked");
    let invoke = |command: &str, arguments: &str| {
        let script = format!(
            "window.__TAURI_INTERNALS__.invoke('{command}', {arguments}).then((v) => done({{ v }}), (e) => done({{ e }}))"
        );
        window.script_async(&script)
    };
    assert!(invoke("accounts", "{}")["v"].is_array());
    for command in
        ["plugin:window|close", "plugin:webview|create_webview_window", "plugin:window-state|save_window_state"]
    {
        let answer = invoke(command, "{}");
        assert!(answer["e"].as_str().is_some_and(|error| error.contains("not allowed")), "{command}: {answer}");
    }
    // A page that no provider table names is not opened, whatever the window says.
    let refused = invoke("open_help", "{ url: 'https://example.org/' }");
    assert_eq!(refused["e"]["code"], "page.unknown", "{refused}");
}

#[test]
fn a_damaged_data_folder_still_opens_a_window_that_says_so() {
    let person = Person::new();
    std::fs::create_dir_all(person.cli.home()).expect("a new home");
    let database = person.cli.home().join("courrier.db");
    std::fs::write(&database, "not a database, and longer than its header would be".repeat(40)).expect("a new home");
    let window = person.opens();
    window.see("start-failed");
    window.screenshot("start-failed");
    // Mended, another try works without a new start.
    std::fs::remove_file(&database).expect("ours");
    window.script("document.querySelector('[data-testid=start-failed] button').click()");
    window.see("first-only-here");
}
