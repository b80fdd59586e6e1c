//! Signing in: the person's browser, then the issuer, then the server, and only then this computer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use courrier_auth::{Client, DeviceKey, Identity, Redirect, Session, SignInOptions, SignedIn};
use courrier_model::AccountId;
use courrier_store::{SessionPurpose, SignIn, SyncSession};
use courrier_wire::{Device, SessionInfo, path};

use crate::server::address::ServerAddress;
use crate::server::api::{Call, ServerApi};
use crate::server::attempt::{Attempt, Moment, Way};
use crate::server::http::{Introduction, introduce};
use crate::server::keeper::Keeper;
use crate::server::state::{Profile, Who};
use crate::server::{ServerError, pages, registration};
use crate::view::{DeviceCodeView, SignedInView};
use crate::{AppError, Courrier, convert};

/// How long a person may take in the browser: a new password and a second factor included.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What is known before the person is asked for anything.
struct Prepared {
    introduction: Introduction,
    key: DeviceKey,
    key_is_new: bool,
    login_hint: Option<String>,
}

impl Courrier {
    /// Signs somebody in to the organisation whose server this is.
    ///
    /// Nothing on this computer changes until the server has welcomed them: an attempt that fails, is cancelled, or
    /// turns out to be somebody else's leaves everything as it was, and its tokens are revoked.
    ///
    /// # Errors
    /// `signin.…`, `issuer.…`, `server.…`, `device.revoked`; `keyring.…` at once if the tokens could not be kept.
    pub async fn sign_in(self: &Arc<Self>, attempt: &Attempt, server: &str) -> Result<SignedInView, AppError> {
        let asked: ServerAddress = server.parse()?;
        let begin = async {
            let introduction = introduce(self.http(), &asked).await.map_err(|error| match error {
                // Nothing waits for this server yet: more likely the address is wrong than the server away.
                ServerError::Unreachable(why) => ServerError::NoAnswer(why),
                error => error,
            })?;
            self.blocking(move |courrier| courrier.prepare_sign_in(introduction)).await
        };
        let prepared = tokio::select! {
            prepared = begin => prepared?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        let Introduction { oidc, issuer, .. } = &prepared.introduction;
        let client = registration::client(issuer.clone(), oidc, Some(&prepared.key));
        let signed_in = match attempt.way() {
            Way::Browser | Way::Address => self.by_browser(&client, attempt, prepared.login_hint.clone()).await?,
            Way::Code => self.by_code(&client, attempt).await?,
        };
        let identity = signed_in.identity().clone();
        let keeper = Keeper::pending(self);
        let session = Session::begin(client, signed_in, Arc::clone(&keeper) as _, Arc::clone(&keeper) as _)
            .await
            .map_err(ServerError::from)?;
        match self.welcome(&prepared, &identity, &session, &keeper).await {
            Ok(view) => Ok(view),
            Err(error) => {
                // Nobody has these tokens but this attempt, which ends here.
                if let Err(error) = session.sign_out().await {
                    tracing::info!(%error, "the tokens of a sign-in that came to nothing were not revoked");
                }
                Err(error)
            }
        }
    }

    /// Asks the keyring first: nobody shall type a password for tokens that can't be kept.
    fn prepare_sign_in(&self, introduction: Introduction) -> Result<Prepared, AppError> {
        let before = self.store().sync_session()?;
        if let Some(session) = before.as_ref().filter(|session| session.signed_in) {
            if session.server != introduction.server.origin() {
                return Err(ServerError::OtherPerson.into());
            }
            if session.issuer != introduction.oidc.issuer {
                return Err(ServerError::IssuerChanged.into());
            }
        }
        self.require_storage()?;
        // A revoked key is never taken again.
        let revoked = matches!(self.session_ended()?, Some(ServerError::DeviceRevoked));
        let kept = if revoked { None } else { self.device_key()? };
        let key_is_new = kept.is_none();
        let key = kept.map_or_else(DeviceKey::generate, Ok)?;
        let login_hint = before.and_then(|session| session.email);
        Ok(Prepared { introduction, key, key_is_new, login_hint })
    }

    async fn by_browser(
        self: &Arc<Self>,
        client: &Client,
        attempt: &Attempt,
        login_hint: Option<String>,
    ) -> Result<SignedIn, AppError> {
        let words = self.words();
        let options = SignInOptions {
            pages: pages::signed_in(&words),
            redirect: Redirect::default(),
            ui_locales: vec![words.language().tag().to_owned()],
            login_hint,
            reauthenticate: None,
        };
        let waiting = tokio::select! {
            begun = client.sign_in(options) => begun.map_err(ServerError::from)?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        let address = waiting.authorize_url().clone();
        attempt.opened(address.clone(), waiting.paste_handle());
        if attempt.way() == Way::Browser {
            self.open_in_browser(address).await?;
        }
        Ok(waiting.wait(attempt.cancelled(), PATIENCE).await.map_err(ServerError::from)?)
    }

    async fn by_code(&self, client: &Client, attempt: &Attempt) -> Result<SignedIn, AppError> {
        let waiting = tokio::select! {
            begun = client.sign_in_by_code() => begun.map_err(ServerError::from)?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        attempt.tell(Moment::Code(DeviceCodeView {
            attempt: attempt.number(),
            user_code: waiting.user_code().to_owned(),
            verification_url: waiting.verification_uri().to_string(),
            verification_url_complete: waiting.verification_uri_complete().map(ToString::to_string),
            expires_at: convert::time(waiting.expires_at()),
        }));
        Ok(waiting.wait(attempt.cancelled()).await.map_err(ServerError::from)?)
    }

    /// Introduces this computer to the server and makes the session that of this computer.
    async fn welcome(
        self: &Arc<Self>,
        prepared: &Prepared,
        identity: &Identity,
        session: &Session,
        keeper: &Keeper,
    ) -> Result<SignedInView, AppError> {
        // One at a time: who came back second finds who is signed in now.
        let _binding = self.server().binding.lock().await;
        let before = self.blocking(|courrier| Ok(courrier.store().sync_session()?)).await?;
        let server = prepared.introduction.server.clone();
        if before.is_some_and(|before| is_somebody_else(&before, &server, identity)) {
            return Err(ServerError::OtherPerson.into());
        }
        let api = Arc::new(ServerApi {
            http: self.http().clone(),
            server,
            key: prepared.key.clone(),
            session: session.clone(),
            clock: self.clock(),
            nonce: Mutex::default(),
        });
        let (info, device) = match introduce_device(&api).await {
            Err(ServerError::DeviceRevoked) => {
                // The next attempt comes with another key, as another device.
                self.blocking(|courrier| courrier.drop_session_secret(SessionPurpose::DeviceKey)).await?;
                return Err(ServerError::DeviceRevoked.into());
            }
            met => met?,
        };
        if prepared.key_is_new {
            let key = prepared.key.clone();
            self.blocking(move |courrier| courrier.keep_device_key(&key)).await?;
        }
        keeper.bind().await.map_err(|error| ServerError::Auth(error.into()))?;
        let Introduction { oidc, providers, managed_domains, .. } = prepared.introduction.clone();
        let view = {
            let api = Arc::clone(&api);
            self.blocking(move |courrier| {
                let who = SignIn {
                    server: api.server.origin(),
                    issuer: info.user.issuer,
                    subject: info.user.subject,
                    user: info.user.id,
                    device: Some(device.id),
                    email: info.user.email,
                    name: info.user.name,
                };
                let profile = Profile { admin: info.user.admin, device: Some(device) };
                let (same_person, ids) = courrier.bind_person(&who)?;
                courrier.note_sign_in(&oidc, &profile)?;
                courrier.note_mail_clients(&providers, &managed_domains)?;
                if let Some(session) = courrier.store().sync_session()? {
                    courrier.keep_connected(Who::of(&session), &api);
                }
                let session = courrier.session()?;
                Ok(SignedInView { session, same_person, to_choose: ids.iter().map(ToString::to_string).collect() })
            })
            .await?
        };
        self.server().changed.notify_waiters();
        Ok(view)
    }

    /// Notes who is signed in. Whether it is the same person as before, and the accounts they were never asked about.
    fn bind_person(&self, who: &SignIn) -> Result<(bool, Vec<AccountId>), AppError> {
        let somebody_was_here = self.store().sync_session()?.is_some();
        let travelling = self.store().travelling()?;
        let same_person = self.store().sign_in(who, &travelling)?;
        if somebody_was_here && !same_person {
            // What another person left behind is theirs: it stays on this computer without a question.
            let left: Vec<AccountId> = self.store().accounts()?.iter().map(|account| account.id).collect();
            for id in &left {
                self.store().set_travels(*id, false)?;
            }
            self.note_asked(&self.store().accounts()?.iter().map(|account| account.id).collect::<Vec<_>>())?;
        }
        Ok((same_person, self.never_asked_about()?))
    }
}

/// Nobody can be signed in beside somebody else: they would see each other's accounts.
fn is_somebody_else(before: &SyncSession, server: &ServerAddress, identity: &Identity) -> bool {
    before.signed_in
        && (before.server != server.origin() || before.issuer != identity.issuer || before.subject != identity.subject)
}

/// Asks the server who this is, and registers this computer where the server does not know it.
async fn introduce_device(api: &ServerApi) -> Result<(SessionInfo, Device), ServerError> {
    let mut info: SessionInfo = api.ask(&Call::get(path::SESSION)).await?;
    let device = match info.device.take() {
        Some(device) if device.revoked_at.is_some() => return Err(ServerError::DeviceRevoked),
        Some(device) => device,
        None => api.ask(&Call::post(path::DEVICES, &registration::this_device())?).await?,
    };
    Ok((info, device))
}
