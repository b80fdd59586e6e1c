//! Who looks after one mail account's tokens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::{Host, Timestamp};

use super::authorize::MailClient;
use super::renewal::MailRenewal;
use super::tokens::{MailTokenKeeper, MailTokens};
use crate::AuthError;
use crate::keep::RefreshLock;
use crate::renewal::{Engine, Renewal};
use crate::revocation::{Revocation, revoke};
use crate::token::AccessToken;
use crate::token_endpoint::Sender;

/// One mail account's tokens, for every window, check and program on this computer. Cheap to clone; all clones share one
/// refresh, and by the lock and the keyring so do all processes.
#[derive(Clone)]
pub struct Custodian(Arc<Engine<MailRenewal>>);

impl Custodian {
    /// The custodian of what `keeper` keeps; `lock` is held by one process at a time for this account. Neither network nor
    /// keyring is asked yet.
    pub fn new(client: MailClient, keeper: Arc<dyn MailTokenKeeper>, lock: Arc<dyn RefreshLock>) -> Self {
        Self(Engine::new(MailRenewal::new(client, keeper), lock))
    }

    /// The client and, through it, the provider.
    pub fn client(&self) -> MailClient {
        self.0.renewal.client()
    }

    /// From now on the provider is asked through this client: something about it changed, or the person consented
    /// through another one. What is in memory only stays.
    pub fn use_client(&self, client: MailClient) {
        let id = |client: &MailClient| (client.provider().id.clone(), client.provider().client_id.clone());
        if id(&self.client()) != id(&client) {
            self.look_again();
        }
        self.0.renewal.use_client(client);
    }

    /// Somebody else kept other tokens: the next caller gets what is in the keyring, whatever is in memory.
    pub fn look_again(&self) {
        self.0.drop_access();
    }

    /// The computer slept, and may be in another place: what was refused for a reason outside of the tokens is tried
    /// again.
    pub fn awoke(&self) {
        self.0.forgive();
    }

    /// When the person gave the consent that the tokens last seen are of; `None` if none were seen yet.
    pub fn obtained_at(&self) -> Option<Timestamp> {
        self.0.renewal.obtained_at()
    }

    /// An access token that lasts `at_least` that long, or half as long as the provider makes them: from memory, else from
    /// the keyring, where another process may have put a newer one, else by one refresh.
    ///
    /// # Errors
    /// When only the person helps ([`AuthError::needs_sign_in`]): [`AuthError::SignedOut`], [`AuthError::OtherPerson`]
    /// for tokens of another provider, [`AuthError::Provider`] with the reason. When time helps
    /// ([`AuthError::is_passing`]): [`AuthError::Busy`], [`AuthError::Unreachable`], [`AuthError::Keep`]: new tokens stay
    /// in memory then, and keeping them is tried again. Otherwise [`AuthError::Provider`] and
    /// [`AuthError::Misconfigured`] say what is set up wrongly.
    pub async fn ensure_fresh(&self, at_least: Duration) -> Result<AccessToken, AuthError> {
        self.0.ensure_fresh(at_least).await
    }

    /// The same for this mail server, and for no other: whatever a server or a settings file says, a token is shown only
    /// to the servers that the provider's tokens are for, now and when the person consented.
    ///
    /// # Errors
    /// [`AuthError::ForeignHost`], and those of [`Self::ensure_fresh`].
    pub async fn ensure_fresh_for(&self, host: &Host, at_least: Duration) -> Result<AccessToken, AuthError> {
        if !self.client().provider().mail_hosts.covers(host) {
            return Err(AuthError::ForeignHost);
        }
        let token = self.ensure_fresh(at_least).await?;
        if self.0.renewal.hosts().covers(host) { Ok(token) } else { Err(AuthError::ForeignHost) }
    }

    /// A mail server refused this token although it should be good. The next caller gets another one: what another process
    /// renewed meanwhile, or by a refresh.
    pub fn refused(&self, token: &AccessToken) {
        self.0.refused(token);
    }

    /// Keeps the tokens of a new consent in place of those before, with a higher generation; from then on they are the ones
    /// that everybody gets.
    ///
    /// # Errors
    /// [`AuthError::Keep`]. If [`Self::is_unkept`] then, they are in memory, no other process refreshes, and keeping them
    /// is tried again. If not, another process holds the lock and nothing was taken: call again.
    pub async fn replace(&self, tokens: MailTokens) -> Result<(), AuthError> {
        let make = move |engine: Arc<Engine<MailRenewal>>| async move {
            // What can't be read now is replaced all the same; a generation that is too low is the smaller evil.
            let before = engine.renewal.keeper.load().await.ok().flatten().map_or(0, |before| before.generation);
            let generation = before.max(tokens.generation).saturating_add(1);
            let tokens = MailTokens { generation, ..tokens };
            let access = engine.renewal.kept_access(&tokens);
            (tokens, access.filter(|token| token.lasts(Duration::ZERO, engine.renewal.clock())))
        };
        self.0.replace(make).await
    }

    /// Tries now to keep what is in memory only, and says whether everything is kept.
    ///
    /// # Errors
    /// [`AuthError::Keep`], or those of a refresh that was under way.
    pub async fn settle(&self) -> Result<(), AuthError> {
        self.0.settle().await
    }

    /// True while new tokens are in memory only: a program that ends now loses the account.
    pub fn is_unkept(&self) -> bool {
        self.0.is_unkept()
    }

    /// Revokes the refresh token where the provider has a way, then forgets the tokens.
    ///
    /// # Errors
    /// Nothing was forgotten: the provider can't be asked ([`AuthError::Unreachable`], [`AuthError::Busy`],
    /// [`AuthError::Misconfigured`]), or the tokens can't be fetched or cleared ([`AuthError::Keep`]). Try again, or
    /// [`Self::forget`].
    pub async fn revoke(&self) -> Result<Revocation, AuthError> {
        self.end(true).await
    }

    /// Forgets the tokens on this computer, whatever the provider does with its own.
    ///
    /// # Errors
    /// [`AuthError::Keep`].
    pub async fn forget(&self) -> Result<(), AuthError> {
        self.end(false).await.map(drop)
    }

    async fn end(&self, revoking: bool) -> Result<Revocation, AuthError> {
        let closing = self.0.close().await;
        let (tokens, _guard) = closing.tokens().await?;
        let Some(tokens) = tokens else {
            // Whatever stands there is of no use to anybody, and what is known of it says that there is something.
            self.0.renewal.keeper.clear().await?;
            closing.finish();
            return Ok(Revocation::NothingKept);
        };
        let mut revocation = Revocation::NotOffered;
        if revoking {
            let client = self.client();
            let provider = client.provider();
            let sender = Sender { http: client.http().clone(), proof: None };
            let secret = provider.secret_for(&tokens);
            let endpoint = provider.revocation.as_ref();
            revocation = revoke(&sender, endpoint, &tokens.client_id, secret.as_ref(), &tokens.refresh_token).await?;
        }
        self.0.renewal.keeper.clear().await?;
        closing.finish();
        Ok(revocation)
    }
}

impl fmt::Debug for Custodian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custodian").field("client", &self.client()).finish()
    }
}
