//! What the canary tests share: a secret that exists nowhere else, the forms in which it could leak, and where to look.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_tests::{Cli, Outcome};
use rand::Rng;
use serde_json::Value;

use crate::mail::ALICE;

/// A password that nothing else on this computer contains.
pub(crate) struct Canary {
    pub(crate) secret: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Canary {
    /// One of ASCII letters and digits.
    pub(crate) fn ascii() -> Self {
        Self::new(String::new())
    }

    /// One of ASCII that has to be escaped in most notations, though not encoded.
    pub(crate) fn quoted() -> Self {
        Self::new(" \"\\ end".to_owned())
    }

    /// One that every notation has to escape or encode.
    pub(crate) fn awkward() -> Self {
        Self::new(" \"\\é文🔑".to_owned())
    }

    fn new(rest: String) -> Self {
        let secret = format!("Canary{:016x}{rest}", rand::rng().random::<u64>());
        let json = |text: &str| Value::from(text).to_string().trim_matches('"').to_owned();
        let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
        let latin: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // Behind a user name of any length: what stays of the three alignments whatever stands around them.
        let aligned = (0..3).map(|by| {
            let whole = BASE64.encode([&vec![b'.'; by], secret.as_bytes()].concat());
            ("Base64 inside of something", whole[4..whole.len() - 4].to_owned().into_bytes())
        });
        let forms = [
            ("itself", secret.clone().into_bytes()),
            ("JSON", json(&secret).into_bytes()),
            ("an IMAP string", quoted.clone().into_bytes()),
            ("an IMAP string in JSON", json(&quoted).into_bytes()),
            ("UTF-16", latin),
            ("Base64", BASE64.encode(&secret).into_bytes()),
            ("SASL PLAIN", BASE64.encode(format!("\0{ALICE}\0{secret}")).into_bytes()),
        ];
        Self { forms: forms.into_iter().chain(aligned).collect(), secret }
    }

    /// As lines of standard input.
    pub(crate) fn line(&self) -> String {
        format!("{}\n", self.secret)
    }

    /// Asserts that the secret is not in these bytes, in none of its forms.
    pub(crate) fn is_not_in(&self, place: &str, bytes: &[u8]) {
        for (form, needle) in &self.forms {
            let found = bytes.windows(needle.len()).position(|window| window == needle);
            assert!(
                found.is_none(),
                "{place} has the secret as {form}: {}",
                String::from_utf8_lossy(around(bytes, found.unwrap_or_default(), needle.len()))
            );
        }
    }

    /// The same of all that a command printed.
    pub(crate) fn is_not_printed(&self, outcome: &Outcome) {
        self.is_not_in("standard output", outcome.stdout.as_bytes());
        self.is_not_in("standard error", outcome.stderr.as_bytes());
    }

    /// The same of every file below the folder.
    pub(crate) fn is_not_below(&self, folder: &Path) {
        for file in files(folder) {
            // A file that went meanwhile says nothing any more.
            if let Ok(bytes) = fs::read(&file) {
                self.is_not_in(&file.display().to_string(), &bytes);
            }
        }
    }

    /// The same of everything in the home of `cli`, and of what all processes of this computer show of themselves.
    pub(crate) fn is_not_left_by(&self, cli: &Cli) {
        self.is_not_below(cli.home().parent().expect("the home is in the test's folder"));
        self.is_not_shown_by_any_process();
    }

    /// Asserts that no process has the secret among its arguments or in its environment.
    pub(crate) fn is_not_shown_by_any_process(&self) {
        for process in fs::read_dir("/proc").expect("Linux").filter_map(Result::ok) {
            for name in ["cmdline", "environ"] {
                let file = process.path().join(name);
                // Not a process, one of somebody else, or one that has ended.
                if let Ok(bytes) = fs::read(&file) {
                    self.is_not_in(&file.display().to_string(), &bytes);
                }
            }
        }
    }
}

fn around(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    &bytes[at.saturating_sub(60)..(at + length + 60).min(bytes.len())]
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed").filter_map(Result::ok) {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            // Sockets, and what went meanwhile.
            _ => {}
        }
    }
    found
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = Canary::awkward();
    let secret = &canary.secret;
    let in_json = Value::from(secret.as_str()).to_string();
    for user in ["", "a", "al", "ali", ALICE] {
        let plain = BASE64.encode(format!("\0{user}\0{secret}"));
        let texts = [secret.clone(), in_json.clone(), BASE64.encode(secret), plain];
        for text in texts {
            let text = format!("some words {text} more words");
            assert!(std::panic::catch_unwind(|| canary.is_not_in("a text", text.as_bytes())).is_err(), "{text}");
        }
    }
    canary.is_not_in("a text", b"some words");
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("deep")).expect("the folder is ours");
    fs::write(folder.path().join("deep/file"), in_json).expect("the folder is ours");
    assert!(std::panic::catch_unwind(|| canary.is_not_below(folder.path())).is_err());
}
