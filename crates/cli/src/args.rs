//! The arguments, as `docs/cli.md` has them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use courrier_app::{AccountChange, EndpointChange, NewAccount};

/// Sets up mail accounts, proves that they work, and keeps their passwords safe.
#[derive(Debug, Parser)]
#[command(name = "courrier", version, propagate_version = true, arg_required_else_help = false)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The data folder [default: COURRIER_HOME, else the platform's]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Print exactly one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but the result
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell on standard error what happens
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    /// Let the system ask for the keyring's password if it is locked, or for a new one's if there is none yet
    #[arg(long, global = true)]
    pub(crate) unlock: bool,
    /// Read the encrypted file's passphrase from the first line of this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a stored account, or the given settings without saving them
    Check(Check),
    /// List, show, add, change and remove accounts
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Print the stored password, for a mail program
    Password {
        /// The account's address
        address: String,
    },
    /// Sign in to a mail provider, in the browser
    Authorize(Authorize),
    /// Print an access token, for a mail program
    Token(Token),
    /// Sign in to your organisation, in the browser
    SignIn(SignIn),
    /// Sign out of your organisation
    SignOut(SignOut),
    /// Show who is signed in
    Whoami,
    /// Exchange changes with your organisation's server, once
    Sync,
    /// List, rename and revoke your computers
    Device {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Test the keyring, the database, the clock, the proxy, the network and the server
    Doctor,
    /// Show or choose where passwords are kept
    Storage {
        /// The system's keyring, or an encrypted file where there is none
        #[command(subcommand)]
        place: Option<Place>,
    },
}

/// `authorize`
#[derive(Debug, Args)]
pub(crate) struct Authorize {
    /// The account's address
    pub(crate) address: String,
    /// Print a code to be entered in a browser on any device
    #[arg(long)]
    pub(crate) device_code: bool,
    /// Print the address of the sign-in page instead of opening a browser
    #[arg(long, conflicts_with = "device_code")]
    pub(crate) print_url: bool,
    /// The sign-in service of the organisation that runs the mail server [default: the provider's, else as the server
    /// says]
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// The client id that you registered there; it is remembered
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Read the secret that belongs to the client id from the first line of standard input, for providers that give one
    /// (Google); it is remembered
    #[arg(long, requires = "client_id")]
    pub(crate) client_secret_stdin: bool,
    /// Let another address sign in: the mailbox is shared, or you read it for somebody else
    #[arg(long)]
    pub(crate) as_delegate: bool,
}

/// `token`
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The account's address
    pub(crate) address: String,
    /// Print one that is good for at least so long, in seconds; where the provider makes none that are, one that has half
    /// of its life before it
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) min_seconds: u32,
}

/// `sign-in`
#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// The address of your organisation's server [default: the one that you were signed in to last]
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Print the address of the sign-in page instead of opening a browser
    #[arg(long, conflicts_with = "device_code")]
    pub(crate) print_url: bool,
    /// Print a code to be entered in a browser on any device
    #[arg(long)]
    pub(crate) device_code: bool,
    /// Keep this account on this computer only; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) keep_here: Vec<String>,
    /// Keep all accounts that are here now on this computer only
    #[arg(long, conflicts_with = "keep_here")]
    pub(crate) keep_all_here: bool,
}

/// `sign-out`
#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// Keep the accounts, on this computer only; this is what happens unless --remove is given
    #[arg(long, conflicts_with = "remove")]
    pub(crate) keep: bool,
    /// Remove the accounts that travel from this computer, with their passwords
    #[arg(long)]
    pub(crate) remove: bool,
    /// Sign out even if your organisation's sign-in service can't be told
    #[arg(long)]
    pub(crate) anyway: bool,
}

/// Work with your computers.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// List your computers
    List,
    /// Give a computer another name
    Rename {
        /// Its id
        id: String,
        /// Its new name
        name: String,
    },
    /// Take a computer's access away, at once and for good
    Revoke {
        /// Its id
        id: String,
    },
}

/// Where passwords are kept.
#[derive(Debug, Subcommand)]
pub(crate) enum Place {
    /// Keep new passwords in the system's keyring
    Keyring,
    /// Keep new passwords in an encrypted file, opened by a passphrase
    File,
}

/// Work with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Check an account and save it if both sides work
    Add(Add),
    /// List all accounts
    List,
    /// Show one account
    Show {
        /// The account's address
        address: String,
    },
    /// Change an account
    Edit(Edit),
    /// Remove an account and its passwords at once
    Remove {
        /// The account's address
        address: String,
    },
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The mail address
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) password: PasswordInput,
}

/// `account add`
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The mail address
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) password: PasswordInput,
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// Make it the primary account
    #[arg(long)]
    pub(crate) primary: bool,
    /// Save without checking
    #[arg(long)]
    pub(crate) unchecked: bool,
}

/// `account edit`
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The account's address
    #[arg(id = "account", value_name = "ADDRESS")]
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) password: PasswordInput,
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// Make it the primary account
    #[arg(long, conflicts_with = "no_primary")]
    pub(crate) primary: bool,
    /// Hand the primary role to another account
    #[arg(long)]
    pub(crate) no_primary: bool,
    /// Let it travel to your other computers
    #[arg(long, conflicts_with = "no_travels")]
    pub(crate) travels: bool,
    /// Keep it on this computer only; it leaves the others
    #[arg(long)]
    pub(crate) no_travels: bool,
    /// A new address
    #[arg(long = "address", id = "new_address", value_name = "NEW")]
    pub(crate) new_address: Option<String>,
    /// Check the new settings, and save them only if both sides work
    #[arg(long, conflicts_with = "unchecked")]
    pub(crate) check: bool,
    /// Save without checking, which is what happens unless --check is given
    #[arg(long)]
    pub(crate) unchecked: bool,
}

/// The servers. SECURITY is `tls` (from the first byte), `starttls` or `none`.
#[derive(Debug, Args)]
pub(crate) struct Endpoints {
    /// Receiving
    #[arg(long, value_name = "HOST:PORT/SECURITY")]
    imap: Option<String>,
    /// Sending
    #[arg(long, value_name = "HOST:PORT/SECURITY")]
    smtp: Option<String>,
    /// User name for receiving [default: the address]
    #[arg(long, value_name = "USER")]
    imap_user: Option<String>,
    /// User name for sending [default: the address]
    #[arg(long, value_name = "USER")]
    smtp_user: Option<String>,
    /// How to sign in for receiving
    #[arg(long, value_enum, value_name = "HOW")]
    imap_auth: Option<ImapAuth>,
    /// How to sign in for sending
    #[arg(long, value_enum, value_name = "HOW")]
    smtp_auth: Option<SmtpAuth>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ImapAuth {
    Password,
    Oauth,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SmtpAuth {
    Password,
    Oauth,
    None,
}

fn name_of(value: Option<impl ValueEnum>) -> Option<String> {
    value.and_then(|value| value.to_possible_value()).map(|value| value.get_name().to_owned())
}

impl Endpoints {
    fn imap(&self) -> EndpointChange {
        EndpointChange { server: self.imap.clone(), username: self.imap_user.clone(), auth: name_of(self.imap_auth) }
    }

    fn smtp(&self) -> EndpointChange {
        EndpointChange { server: self.smtp.clone(), username: self.smtp_user.clone(), auth: name_of(self.smtp_auth) }
    }
}

/// Where passwords come from: never from an argument, which every process on the computer can read.
#[derive(Debug, Args)]
pub(crate) struct PasswordInput {
    /// Read the password from the first line of standard input; a second line is the sending password, if it differs
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// How an account is told apart.
#[derive(Debug, Args)]
pub(crate) struct Looks {
    /// What you call the account
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// Its colour
    #[arg(long, value_name = "#rrggbb")]
    color: Option<String>,
}

impl Check {
    pub(crate) fn account(&self) -> NewAccount {
        let (imap, smtp) = (self.endpoints.imap(), self.endpoints.smtp());
        NewAccount { address: self.address.clone(), imap, smtp, ..NewAccount::default() }
    }
}

impl Add {
    pub(crate) fn account(&self) -> NewAccount {
        NewAccount {
            address: self.address.clone(),
            imap: self.endpoints.imap(),
            smtp: self.endpoints.smtp(),
            name: self.looks.name.clone(),
            color: self.looks.color.clone(),
            primary: self.primary,
        }
    }
}

impl Edit {
    pub(crate) fn change(&self) -> AccountChange {
        AccountChange {
            address: self.new_address.clone(),
            imap: self.endpoints.imap(),
            smtp: self.endpoints.smtp(),
            name: self.looks.name.clone(),
            color: self.looks.color.clone(),
            primary: if self.primary { Some(true) } else { self.no_primary.then_some(false) },
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_password() {
        let parsed = Arguments::try_parse_from(["courrier", "check", "a@b.test", "--password", "x"]);
        assert!(parsed.is_err());
        let parsed = Arguments::try_parse_from(["courrier", "authorize", "a@b.test", "--client-secret", "x"]);
        assert!(parsed.is_err());
    }

    #[test]
    fn a_client_secret_belongs_to_a_client_id() {
        let authorize = |more: &[&str]| {
            Arguments::try_parse_from([&["courrier", "authorize", "a@b.test", "--client-secret-stdin"], more].concat())
        };
        assert!(authorize(&[]).is_err());
        assert!(authorize(&["--client-id", "x"]).is_ok());
    }
}
