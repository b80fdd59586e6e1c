//! The commands, each one line: it calls a use case. They are listed in `command_list.rs`.

pub(crate) mod accounts;
pub(crate) mod checks;
pub(crate) mod oauth;
pub(crate) mod program;
pub(crate) mod secrets;
pub(crate) mod server;
