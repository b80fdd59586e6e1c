//! The program that a person starts; everything is in the library, where an example can reach it.

// A console beside the window helps nobody.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    courrier_desktop::run()
}
