//! Texts from forms and command lines into values that can't be wrong.

use courrier_model::{AccountDraft, AuthKind, Endpoint, Identity, Invalid, Port};

use crate::view::{DraftView, EndpointView, IdentityView};

/// An endpoint as typed.
pub(crate) fn endpoint(view: &EndpointView) -> Result<Endpoint, Invalid> {
    Ok(Endpoint {
        host: view.host.parse()?,
        port: Port::new(view.port).ok_or(Invalid::Port)?,
        security: view.security.parse()?,
        username: view.username.parse()?,
        auth: view.auth.parse()?,
    })
}

fn identity(view: &IdentityView) -> Result<Identity, Invalid> {
    Ok(Identity { address: view.address.parse()?, name: view.name.parse()? })
}

/// An account as typed.
pub(crate) fn draft(view: &DraftView) -> Result<AccountDraft, Invalid> {
    let mut smtp_view = view.smtp.clone();
    // A form without authentication shows no user name; the model keeps one for the day it is switched on.
    if smtp_view.username.trim().is_empty() && smtp_view.auth == AuthKind::None.to_string() {
        smtp_view.username.clone_from(&view.imap.username);
    }
    AccountDraft {
        address: view.address.parse()?,
        name: view.name.parse()?,
        color: view.color.as_deref().map(str::parse).transpose()?,
        primary: view.primary,
        imap: endpoint(&view.imap)?,
        smtp: endpoint(&smtp_view)?,
        identities: view.identities.iter().map(identity).collect::<Result<_, _>>()?,
    }
    .validated()
}
