//! Writes the TypeScript side of the commands and events to the file named as the argument.

use std::error::Error;

use specta_typescript::Typescript;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("usage: bindings FILE")?;
    Ok(courrier_desktop::bindings().export(Typescript::default(), file)?)
}
