//! The issuer says that a session ended.

use axum::extract::{Form, State, rejection::FormRejection};
use axum::http::StatusCode;
use courrier_wire::{ErrorCode, Refusal};
use serde::Deserialize;
use tracing::info;
use utoipa::ToSchema;

use crate::limits::FORM;
use crate::refusal::Refused;
use crate::state::App;

/// What the issuer posts.
#[derive(Deserialize, ToSchema)]
pub(super) struct LogoutForm {
    /// A logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4)
    logout_token: String,
}

/// Ends the sessions that the issuer names
///
/// OpenID Connect Back-Channel Logout 1.0. A desktop's sign-in is offline access: it ends only if the token says
/// `revoke_offline_access`; the browser's session alone is nothing to this server.
#[utoipa::path(
    post,
    path = "/oidc/backchannel-logout",
    tag = "issuer",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Done; nothing is said about whom it met"),
        (status = 400, description = "`invalid`: not a logout token of the issuer for this server", body = Refusal),
        (status = 413, description = "`too_large`", body = Refusal),
        (status = 429, description = "`rate_limited`", body = Refusal),
        (status = 500, description = "`internal`", body = Refusal),
        (status = 503, description = "`unavailable`", body = Refusal),
    ),
)]
pub(super) async fn backchannel_logout(
    State(app): State<App>,
    form: Result<Form<LogoutForm>, FormRejection>,
) -> Result<StatusCode, Refused> {
    let tokens = app.tokens.as_ref().ok_or_else(Refused::without_issuer)?;
    let Form(LogoutForm { logout_token }) = form.map_err(|rejection| match rejection {
        FormRejection::BytesRejection(rejection) => rejection.into(),
        _ => Refused::invalid("not a form with a logout_token"),
    })?;
    if logout_token.len() > FORM {
        return Err(ErrorCode::TooLarge.into());
    }
    let now = app.now();
    let logout = tokens.verify_logout(&logout_token, now).await.map_err(|fault| match fault {
        // Section 2.8: 400, not 401.
        crate::access::token::TokenFault::Invalid => Refused::invalid("not a logout token for this server"),
        unavailable @ crate::access::token::TokenFault::Unavailable => unavailable.into(),
    })?;
    if logout.offline {
        let issuer = &tokens.policy().issuer;
        // The earlier of the two clocks: a sign-in that the issuer allowed after it ended the session stays good.
        let at = logout.at.min(now);
        let ended = app.storage.end_sessions(issuer, logout.session.as_deref(), logout.subject.as_deref(), at).await?;
        info!(devices = ended.len(), "the issuer ended sessions");
    }
    Ok(StatusCode::OK)
}
