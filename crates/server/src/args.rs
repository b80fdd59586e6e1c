//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use courrier_server::config::Settings;

/// Carries mail accounts between a person's computers
#[derive(Debug, Parser)]
#[command(name = "courrier-server", version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// A TOML file with settings; the environment and the command line go before it
    #[arg(long, env = "COURRIER_CONFIG", value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve until told to stop (also what is done without a command)
    Serve,
    /// Try the configuration, and say what to mend
    CheckConfig,
    /// Bring the database's tables up to date without serving
    Migrate,
    /// Write a copy of the database to a new file, also while the server runs
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Put a backup in the place of the database; desktops then send again what it lacks
    Restore {
        /// The backup
        file: PathBuf,
        /// Replace a database that holds data
        #[arg(long)]
        force: bool,
    },
    /// Move all people of an issuer to its new name
    RenameIssuer {
        /// The name until now
        old: String,
        /// The name from now on
        new: String,
    },
}
