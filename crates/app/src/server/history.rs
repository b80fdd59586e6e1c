//! What an account was, and making it so again.

use std::collections::BTreeSet;

use courrier_model::{AccountDraft, AccountId};
use courrier_store::{HISTORY_LIMIT, Version, VersionSource};
use courrier_wire::{AccountBody, Body};

use crate::view::{AccountView, VersionView};
use crate::{AppError, Courrier, convert};

/// The members that a person knows of, in the order in which they are shown.
const SHOWN: [&str; 7] = ["address", "name", "color", "imap", "smtp", "identities", "order"];

impl Courrier {
    /// The versions of an account, newest first. Local.
    pub fn history(&self, id: &str) -> Result<Vec<VersionView>, AppError> {
        let account = self.by_id(id)?;
        let versions = self.store().versions(account.id.into(), HISTORY_LIMIT)?;
        // What lost in a conflict never stood here after it: it is compared with nothing, and nothing with it.
        let current = versions.iter().position(|version| version.source != VersionSource::Conflict);
        let mut views = Vec::with_capacity(versions.len());
        for (index, version) in versions.iter().enumerate() {
            let Ok(body) = AccountBody::from_body(version.body.clone()) else { continue };
            let earlier = versions[index + 1..].iter().find(|one| one.source != VersionSource::Conflict);
            let complete = versions.len() < HISTORY_LIMIT as usize;
            views.push(VersionView {
                id: version.sequence.to_string(),
                at: convert::time(version.at),
                cause: cause(version, &versions[index + 1..], complete).to_owned(),
                device: None,
                changed: match version.source {
                    VersionSource::Conflict => shown(&version.members.iter().cloned().collect()),
                    _ => earlier.map(|earlier| differences(&earlier.body, &version.body)).unwrap_or_default(),
                },
                draft: convert::draft(&draft(body)),
                current: current == Some(index),
                unseen: !version.seen,
            });
        }
        Ok(views)
    }

    /// Makes an account what it was: a new edit, which travels as any other. Local, and not checked.
    ///
    /// Errors: `account.not_found` also where there is no such version; `account.address_taken`.
    pub fn restore_version(&self, id: &str, version: &str) -> Result<AccountView, AppError> {
        let account = self.by_id(id)?;
        let sequence = version.parse().map_err(|_| AppError::AccountNotFound)?;
        let restored = self.store().restore_version(account.id, sequence, self.now())?;
        self.account_view(&restored)
    }

    /// The person has looked at an account's conflicts.
    pub fn see_conflicts(&self, id: &str) -> Result<(), AppError> {
        let id: AccountId = id.parse()?;
        Ok(self.store().see_conflicts(id.into())?)
    }
}

/// How a version came about. One that says what an older one said, and not what stood before it, was put back.
fn cause(version: &Version, older: &[Version], complete: bool) -> &'static str {
    match version.source {
        VersionSource::Conflict => "conflict",
        _ if older.is_empty() && complete => "added",
        VersionSource::Remote => "received",
        VersionSource::Local if older.iter().skip(1).any(|one| one.body == version.body) => "restored",
        VersionSource::Local => "edited",
    }
}

fn differences(before: &Body, after: &Body) -> Vec<String> {
    let names: BTreeSet<String> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    shown(&names)
}

fn shown(names: &BTreeSet<String>) -> Vec<String> {
    SHOWN.iter().filter(|name| names.contains(**name)).map(|name| (*name).to_owned()).collect()
}

fn draft(body: AccountBody) -> AccountDraft {
    AccountDraft {
        address: body.address,
        name: body.name,
        color: Some(body.color),
        primary: false,
        imap: body.imap,
        smtp: body.smtp,
        identities: body.identities,
    }
}
