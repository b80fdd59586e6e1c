//! This program at one issuer.

use std::sync::Arc;

use courrier_model::Secret;

use crate::dpop::NonceStore;
use crate::id_token::{self, Expected, Fault, Identity, Moment};
use crate::issuer::Discovered;
use crate::token_endpoint::{Sender, TokenEndpoint};
use crate::{AuthError, DeviceKey, Forgery, Issuer, IssuerKind};

/// How this program is registered at an issuer; all of it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The client's id.
    pub client_id: String,
    /// The scopes to ask for; `openid` is always asked.
    pub scopes: Vec<String>,
    /// The resource that access tokens are for (RFC 8707); sent to issuers that are not Keycloak.
    pub resource: Option<String>,
    /// The kind of issuer where somebody said it; `None` leaves it to discovery.
    pub kind: Option<IssuerKind>,
}

/// This program at one issuer: what signs in and keeps sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: Issuer,
    registration: Registration,
    key: Option<DeviceKey>,
    nonces: Arc<NonceStore>,
}

impl Client {
    /// The client; no network is needed. With a key, tokens are bound to it where the issuer can do that (RFC 9449).
    pub fn new(issuer: Issuer, registration: Registration, key: Option<DeviceKey>) -> Self {
        Self(Arc::new(Inner { issuer, registration, key, nonces: Arc::default() }))
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// The registration.
    pub fn registration(&self) -> &Registration {
        &self.0.registration
    }

    /// All scopes, `openid` first.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let others = self.0.registration.scopes.iter().filter(|scope| *scope != "openid").cloned();
        std::iter::once("openid".to_owned()).chain(others).collect()
    }

    pub(crate) fn wants_offline(&self) -> bool {
        self.0.registration.scopes.iter().any(|scope| scope == "offline_access")
    }

    pub(crate) fn kind(&self, discovered: &Discovered) -> IssuerKind {
        let detect = || IssuerKind::detect(discovered.name.as_str(), &discovered.token);
        self.0.registration.kind.unwrap_or_else(detect)
    }

    pub(crate) fn resource(&self, discovered: &Discovered) -> Option<String> {
        self.kind(discovered).resource(self.0.registration.resource.as_deref())
    }

    /// The key that tokens will be bound to.
    pub(crate) fn binding_key(&self, discovered: &Discovered) -> Option<&DeviceKey> {
        self.0.key.as_ref().filter(|_| discovered.binds_tokens)
    }

    /// Requests to the issuer, proven by the device's key where tokens are bound to it.
    pub(crate) fn sender(&self, discovered: &Discovered) -> Sender {
        let key = self.binding_key(discovered).cloned();
        Sender { http: self.0.issuer.http().clone(), proof: key.map(|key| (key, Arc::clone(&self.0.nonces))) }
    }

    pub(crate) fn token_endpoint(&self, discovered: &Discovered) -> Result<TokenEndpoint, AuthError> {
        let id = self.0.registration.client_id.clone();
        let endpoint = TokenEndpoint::within(self.sender(discovered), discovered.token.clone(), id)?;
        Ok(endpoint.with_resource(self.resource(discovered)))
    }

    /// Verifies an ID token, asking the issuer for its keys again if the token's is not known.
    pub(crate) async fn verify(
        &self,
        token: &Secret,
        discovered: &Arc<Discovered>,
        expected: &Expected<'_>,
    ) -> Result<Identity, AuthError> {
        let unknown = AuthError::Forged(Forgery::Signature);
        match id_token::verify(token, discovered, expected, self.moment()) {
            Ok(identity) => Ok(identity),
            Err(Fault::Refused(error)) => Err(error),
            Err(Fault::UnknownKey) => {
                let renewed = self.0.issuer.rediscovered(discovered).await?.ok_or_else(|| unknown.clone())?;
                id_token::verify(token, &renewed, expected, self.moment()).map_err(|fault| match fault {
                    Fault::Refused(error) => error,
                    Fault::UnknownKey => unknown,
                })
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment { own: self.0.issuer.clock().now(), issuer: self.0.issuer.http().clock.now() }
    }
}
