//! `cargo xtask stack`: an organisation on this computer, to try Courrier with by hand. Keycloak with people in it, our
//! server, and mail servers with their mailboxes; all of it in memory or temporary folders, until Ctrl+C.

// Talks to a person, and stops at the first surprise: it is made of test fixtures.
#![allow(clippy::expect_used, clippy::print_stdout)]

use courrier_model::Security::{Starttls, Tls};
use courrier_tests::{Ca, CourrierServer, Dovecot, Issuer, Keycloak, Postfix, built};

fn main() {
    println!("Starting Keycloak, which takes most of a minute …");
    let keycloak = Keycloak::start();
    let realm = keycloak.realm();
    let server = CourrierServer::with(&realm).start();
    realm.set_backchannel_logout(server.url());
    let people = [realm.alice(), realm.bruno(), realm.admin()];
    let ca = Ca::new();
    let mailboxes =
        people.iter().fold(Dovecot::with(&ca), |dovecot, person| dovecot.user(&person.email, &person.password));
    let dovecot = mailboxes.start();
    let postfix = Postfix::with(&ca, &dovecot).start();

    println!("\nCourrier's server  {}", server.url());
    println!("its issuer         {}", Issuer::issuer(&realm));
    println!("\nPeople, who sign in with their name and read mail with their address, both by the same password:");
    for person in &people {
        println!("  {:<6} {:<19} {}", person.username, person.email, person.password);
    }
    let (imap, smtp) = (dovecot.imap(Tls), postfix.smtp(Starttls));
    println!("\nreceiving  {imap}\nsending    {smtp}");
    let folder = built("courrier", "courrier-cli");
    let folder = folder.parent().expect("a program is in a folder").display();
    println!("\nIn another terminal:\n");
    println!("  export PATH=\"{folder}:$PATH\" SSL_CERT_FILE={} COURRIER_HOME=\"$(mktemp -d)\"", ca.bundle().display());
    println!("  courrier sign-in --server {}", server.url());
    println!("  courrier account add {} --imap {imap} --smtp {smtp}", people[0].email);
    println!("  courrier-desktop");
    println!("\nA second computer is a second terminal with the same lines. Ctrl+C ends everything.");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(tokio::signal::ctrl_c()).expect("Ctrl+C can be waited for");
}
