//! Secrets from standard input and from files.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal as _, Read as _};
use std::path::Path;

use courrier_app::Secret;
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::session::Session;

/// The most that is read: no password is longer.
const LIMIT: u64 = 64 * 1024;

/// The password and, on a second line, the one for sending. `(None, None)` if none is to be read.
pub(crate) fn passwords(session: &Session, from_stdin: bool) -> Result<(Option<Secret>, Option<Secret>), Failure> {
    if !from_stdin {
        return Ok((None, None));
    }
    if std::io::stdin().is_terminal() {
        // A person types: not for everybody to read.
        let prompt = session.words.text("cli-password", &[]);
        return match rpassword::prompt_password(format!("{prompt} ")) {
            Ok(typed) if !typed.is_empty() => Ok((Some(typed.into()), None)),
            _ => Err(Failure::input("input.password", &session.words)),
        };
    }
    let mut reader = BufReader::new(std::io::stdin().lock().take(LIMIT));
    let wrong = |()| Failure::input("input.password", &session.words);
    let first = line(&mut reader).map_err(wrong)?;
    let second = line(&mut reader).map_err(wrong)?;
    match first {
        Some(first) => Ok((Some(first), second)),
        None => Err(wrong(())),
    }
}

/// The secret of a client id, from the first line of standard input; in a terminal it is asked for, and not shown. No
/// more than that line is taken: others may be for somebody else.
pub(crate) fn client_secret(session: &Session) -> Result<Secret, Failure> {
    let wrong = || Failure::input("input.client_secret", &session.words);
    if std::io::stdin().is_terminal() {
        let prompt = session.words.text("cli-client_secret", &[]);
        let typed = rpassword::prompt_password(format!("{prompt} ")).map_err(|_| wrong())?;
        return Some(typed).filter(|typed| !typed.is_empty()).map(Secret::from).ok_or_else(wrong);
    }
    // The buffer that is read ahead into belongs to standard input itself.
    let mut reader = std::io::stdin().lock().take(LIMIT);
    line(&mut reader).ok().flatten().ok_or_else(wrong)
}

/// The first line of a file.
pub(crate) fn first_line_of(path: &Path) -> Result<Secret, ()> {
    let mut reader = BufReader::new(File::open(path).map_err(drop)?.take(LIMIT));
    line(&mut reader)?.ok_or(())
}

/// One line without its end, spaces kept: they may belong to the password. `None` if it is empty or missing.
fn line(reader: &mut impl BufRead) -> Result<Option<Secret>, ()> {
    let mut bytes = Zeroizing::new(Vec::new());
    reader.read_until(b'\n', &mut bytes).map_err(drop)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let text = std::str::from_utf8(&bytes).map_err(drop)?;
    // NUL can't be sent by any mechanism.
    if text.contains('\0') {
        return Err(());
    }
    Ok((!text.is_empty()).then(|| Secret::from(text)))
}
