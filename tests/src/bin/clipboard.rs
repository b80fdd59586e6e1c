//! What another program does with the clipboard of a display: `clipboard read` prints the text on it, `clipboard
//! write TEXT` puts one there and stays until somebody else does, as an X11 program has to.

use std::error::Error;
use std::io::Write;

use arboard::{Clipboard, SetExtLinux};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut clipboard = Clipboard::new()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["read"] => {
            let text = match clipboard.get_text() {
                Err(arboard::Error::ContentNotAvailable) => String::new(),
                text => text?,
            };
            std::io::stdout().write_all(text.as_bytes())?;
        }
        ["write", text] => clipboard.set().wait().text(text)?,
        _ => return Err("usage: clipboard read | write TEXT".into()),
    }
    Ok(())
}
