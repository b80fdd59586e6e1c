//! Where one account's tokens come from.

use std::time::Duration;

use courrier_model::{ExposeSecret, MailHosts, OAuthPreset, RedirectForm, Rotation, Secret};
use oauth2::url::Url;

use super::tokens::MailTokens;
use crate::http_client::{IssuerHttp, is_private};
use crate::redirect::{Redirect, RedirectHost};
use crate::token_endpoint::{Sender, TokenEndpoint};
use crate::{AuthError, Http};

/// A day, in seconds.
const DAY: u64 = 86_400;
/// The longest name of a tenant; a domain is the longest that it can be.
const LONGEST_TENANT: usize = 253;

/// A provider of tokens with this program's registration there.
#[derive(Debug, Clone)]
pub struct MailProvider {
    /// A preset's id, or the issuer's URL.
    pub id: String,
    /// The authorization endpoint.
    pub authorization: Url,
    /// The token endpoint.
    pub token: Url,
    /// The device authorization endpoint (RFC 8628).
    pub device: Option<Url>,
    /// The revocation endpoint (RFC 7009).
    pub revocation: Option<Url>,
    /// The issuer's name; `{tenantid}` in it stands for the tenant that the person is of.
    pub issuer: Option<String>,
    /// The redirect always carries the issuer's name (RFC 9207).
    pub names_itself: bool,
    /// The issuer's OpenID document, which leads to the keys that ID tokens are signed with.
    pub metadata: Option<Url>,
    /// The scopes that mail needs.
    pub scopes: Vec<String>,
    /// The scopes that say who consented; none where that can't be asked together with mail.
    pub identity_scopes: Vec<String>,
    /// Further parameters of every authorization request.
    pub parameters: Vec<(String, String)>,
    /// Parameters that ask for consent although it was given before; they replace others of the same name.
    pub reconsent: Vec<(String, String)>,
    /// The redirect address that is registered.
    pub redirect: Redirect,
    /// The client's id.
    pub client_id: String,
    /// The client's secret where one is demanded.
    pub client_secret: Option<Secret>,
    /// The provider itself registered this client for whoever asks (RFC 7591); it may forget it, and register another.
    pub registered: bool,
    /// The mail servers that its tokens may be shown to.
    pub mail_hosts: MailHosts,
    /// What a refresh does to the refresh token.
    pub rotation: Rotation,
    /// After which time without use a refresh token dies.
    pub idle: Option<Duration>,
    /// The page where an administrator consents for everybody.
    pub admin_consent: Option<Url>,
}

/// This program's registration at a provider.
#[derive(Debug, Clone)]
pub struct MailClientId {
    /// The client's id.
    pub client_id: String,
    /// The client's secret where one is demanded; in a program on people's computers it keeps nothing secret.
    pub client_secret: Option<Secret>,
    /// The tenant, where the provider has such: a domain, an id, or a word like `organizations`.
    pub tenant: Option<String>,
}

impl MailProvider {
    /// A provider known in advance.
    ///
    /// # Errors
    /// [`AuthError::Misconfigured`] for a tenant that is none.
    pub fn from_preset(preset: &OAuthPreset, client: MailClientId) -> Result<Self, AuthError> {
        let tenant = client.tenant.as_deref().or(preset.tenant).unwrap_or_default();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if tenant.len() > LONGEST_TENANT || !tenant.chars().all(fits) || tenant.starts_with('.') {
            return Err(misconfigured("the tenant is none"));
        }
        let url = |text: &str| {
            let url = text.replace("{tenant}", tenant).parse::<Url>();
            url.map_err(|_| misconfigured("an endpoint is no address"))
        };
        let optional = |text: Option<&str>| text.map(url).transpose();
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
        };
        let redirect = Redirect { host: preset.redirect.into(), path: preset.redirect_path.to_owned() };
        let mut admin_consent = None;
        if let Some(page) = preset.admin_consent {
            // Everybody's tenant is no organisation that anybody could speak for.
            let own = client.tenant.as_deref().filter(|tenant| Some(*tenant) != preset.tenant);
            let mut page = url(&page.replace("{tenant}", own.or(preset.admin_tenant).unwrap_or(tenant)))?;
            // All that will be asked of each person: what is left out here, they could not permit themselves.
            let scopes = [preset.scopes, preset.identity_scopes].concat().join(" ");
            page.query_pairs_mut()
                .append_pair("client_id", &client.client_id)
                .append_pair("scope", &scopes)
                .append_pair("redirect_uri", &redirect.without_port());
            admin_consent = Some(page);
        }
        Ok(Self {
            id: preset.id.to_owned(),
            authorization: url(preset.authorization)?,
            token: url(preset.token)?,
            device: optional(preset.device)?,
            revocation: optional(preset.revocation)?,
            issuer: preset.issuer.map(str::to_owned),
            names_itself: false,
            metadata: optional(preset.metadata)?,
            scopes: owned(preset.scopes),
            identity_scopes: owned(preset.identity_scopes),
            parameters: pairs(preset.parameters),
            reconsent: pairs(preset.reconsent),
            redirect,
            client_id: client.client_id,
            client_secret: client.client_secret.filter(|_| preset.wants_secret),
            registered: false,
            mail_hosts: preset.mail_hosts(),
            rotation: preset.rotation,
            idle: preset.idle_days.map(|days| Duration::from_secs(u64::from(days) * DAY)),
            admin_consent,
        })
    }

    /// What kept tokens say of where they came from: enough to renew them, and nothing to authorise anybody with. For
    /// tokens that outlived everything else that was known of their provider.
    pub fn of_tokens(tokens: &MailTokens) -> Self {
        Self {
            id: tokens.provider.clone(),
            // Nobody is ever sent there: a consent begins with a provider that says where.
            authorization: tokens.token_endpoint.clone(),
            token: tokens.token_endpoint.clone(),
            device: None,
            revocation: None,
            issuer: None,
            names_itself: false,
            metadata: None,
            scopes: tokens.scopes.clone(),
            identity_scopes: Vec::new(),
            parameters: Vec::new(),
            reconsent: Vec::new(),
            redirect: Redirect::default(),
            client_id: tokens.client_id.clone(),
            client_secret: tokens.client_secret.clone(),
            registered: false,
            mail_hosts: tokens.mail_hosts.clone(),
            rotation: Rotation::Unknown,
            idle: None,
            admin_consent: None,
        }
    }

    /// True if tokens are renewed, shown and revoked in the same way by both.
    pub fn serves_like(&self, other: &Self) -> bool {
        let of = |provider: &Self| {
            // Compared with each other, and shown to nobody.
            let secret = provider.client_secret.as_ref().map(|secret| secret.expose_secret().to_owned());
            (secret, provider.registered, provider.rotation, provider.idle, provider.admin_consent.clone())
        };
        (&self.id, &self.client_id, &self.token, &self.revocation, &self.mail_hosts)
            == (&other.id, &other.client_id, &other.token, &other.revocation, &other.mail_hosts)
            && of(self) == of(other)
    }

    /// The secret of the client that these tokens were given to, and never that of another one.
    pub(super) fn secret_for(&self, tokens: &MailTokens) -> Option<Secret> {
        let own = self.client_secret.as_ref().filter(|_| self.client_id == tokens.client_id);
        tokens.client_secret.as_ref().or(own).cloned()
    }

    /// A link for the administrator who can consent for everybody in the organisation, where the provider has one.
    pub fn admin_consent_url(&self) -> Option<&Url> {
        self.admin_consent.as_ref()
    }

    /// All scopes to ask for.
    pub(crate) fn all_scopes(&self) -> Vec<String> {
        let mut all = self.scopes.clone();
        all.extend(self.identity_scopes.iter().filter(|scope| !self.scopes.contains(scope)).cloned());
        all
    }

    /// The scopes of mail that were not granted. Scopes that only say who somebody is, or that a refresh token is wanted,
    /// are left out by many providers although they were granted; what they ask for is looked at itself.
    pub(crate) fn missing(&self, granted: Option<&[String]>) -> Vec<String> {
        let Some(granted) = granted else { return Vec::new() };
        let silent = |scope: &str| matches!(scope, "openid" | "email" | "profile" | "offline_access");
        // Microsoft writes its scopes' names in the case that it likes.
        let has = |scope: &str| granted.iter().any(|granted| granted.eq_ignore_ascii_case(scope));
        self.scopes.iter().filter(|scope| !silent(scope) && !has(scope)).cloned().collect()
    }

    /// The scopes that were granted.
    pub(crate) fn granted(&self, answered: Option<Vec<String>>) -> Vec<String> {
        answered.unwrap_or_else(|| self.all_scopes())
    }

    /// The parameters of an authorization request.
    pub(crate) fn parameters_for(&self, reconsent: bool) -> Vec<(String, String)> {
        let more: &[(String, String)] = if reconsent { &self.reconsent } else { &[] };
        let replaced = |name: &str| more.iter().any(|(other, _)| other == name);
        self.parameters.iter().filter(|(name, _)| !replaced(name)).chain(more).cloned().collect()
    }

    /// True if no endpoint sends anything in the clear.
    pub(crate) fn is_private(&self) -> bool {
        let optional = [&self.device, &self.revocation, &self.metadata];
        [&self.authorization, &self.token].into_iter().chain(optional.into_iter().flatten()).all(is_private)
    }

    /// The token endpoint for this program.
    pub(crate) fn endpoint(&self, http: IssuerHttp) -> Result<TokenEndpoint, AuthError> {
        let sender = Sender { http, proof: None };
        let endpoint = TokenEndpoint::within(sender, self.token.clone(), self.client_id.clone())?;
        Ok(match &self.client_secret {
            Some(secret) => endpoint.with_client_secret(secret.clone()),
            None => endpoint,
        })
    }
}

impl From<RedirectForm> for RedirectHost {
    fn from(form: RedirectForm) -> Self {
        match form {
            RedirectForm::Ip => Self::Ip,
            RedirectForm::Localhost => Self::Localhost,
        }
    }
}

/// Requests to one provider, whose clock is observed on the way.
pub(super) fn provider_http(http: &Http) -> IssuerHttp {
    IssuerHttp::new(http.clone())
}

pub(super) fn misconfigured(why: &str) -> AuthError {
    AuthError::Misconfigured(why.to_owned())
}

#[cfg(test)]
mod tests {
    use courrier_model::oauth_presets;

    use super::*;

    fn provider(id: &str, tenant: Option<&str>) -> Result<MailProvider, AuthError> {
        let preset = OAuthPreset::by_id(id).expect("known");
        let tenant = tenant.map(str::to_owned);
        let client_secret = Some(Secret::from("shared"));
        MailProvider::from_preset(preset, MailClientId { client_id: "c & d".into(), client_secret, tenant })
    }

    #[test]
    fn every_preset_is_a_provider_and_encrypts() {
        for preset in oauth_presets() {
            let provider = provider(preset.id, None).expect("a provider");
            assert!(provider.is_private(), "{}", preset.id);
            assert!(!provider.token.as_str().contains('{') && !provider.scopes.is_empty());
            assert_eq!(provider.client_secret.is_some(), preset.wants_secret, "{}", preset.id);
        }
    }

    #[test]
    fn a_tenant_is_a_part_of_the_address_and_can_not_be_more() {
        let microsoft = |tenant| provider("microsoft", tenant);
        let of = |tenant| microsoft(tenant).expect("a tenant").token.to_string();
        assert_eq!(of(None), "https://login.microsoftonline.com/common/oauth2/v2.0/token");
        assert_eq!(of(Some("firm.example")), "https://login.microsoftonline.com/firm.example/oauth2/v2.0/token");
        for none in ["a/b", "..", "a?b", "a@evil.test", "a b", "{tenant}", &"x".repeat(300)] {
            assert!(matches!(microsoft(Some(none)), Err(AuthError::Misconfigured(_))), "{none}");
        }
    }

    #[test]
    fn the_administrators_link_is_ready() {
        let link = |tenant| {
            let provider = provider("microsoft", tenant).expect("a provider");
            provider.admin_consent_url().expect("has one").to_string()
        };
        let whole = |tenant: &str| {
            format!(
                "https://login.microsoftonline.com/{tenant}/v2.0/adminconsent?client_id=c+%26+d\
                 &scope=offline_access+https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All\
                 +https%3A%2F%2Foutlook.office.com%2FSMTP.Send+openid+email+profile\
                 &redirect_uri=http%3A%2F%2Flocalhost"
            )
        };
        assert_eq!(link(None), whole("organizations"));
        assert_eq!(link(Some("common")), whole("organizations"), "personal accounts have no administrator");
        assert_eq!(link(Some("firm.example")), whole("firm.example"));
        assert_eq!(provider("google", None).expect("a provider").admin_consent_url(), None);
    }

    #[test]
    fn what_was_granted_is_compared_with_what_mail_needs() {
        let provider = provider("microsoft", None).expect("a provider");
        let missing = |granted: &[&str]| {
            let granted: Vec<String> = granted.iter().map(|&scope| scope.to_owned()).collect();
            provider.missing(Some(&granted))
        };
        let (imap, smtp) = ("https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send");
        assert!(missing(&[imap, smtp]).is_empty(), "offline_access is never named, and was granted");
        assert!(missing(&[&imap.to_lowercase(), smtp, "openid"]).is_empty());
        assert_eq!(missing(&[imap, "openid"]), [smtp]);
        assert_eq!(missing(&[]), [imap, smtp]);
        assert!(provider.missing(None).is_empty(), "silence means all of it (RFC 6749 section 5.1)");
    }

    #[test]
    fn asking_for_consent_again_replaces_the_prompt() {
        let mut provider = provider("google", None).expect("a provider");
        provider.reconsent = vec![("prompt".into(), "select_account".into())];
        let prompts = |again| {
            let all = provider.parameters_for(again);
            all.into_iter().filter(|(name, _)| name == "prompt").map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!((prompts(false), prompts(true)), (vec!["consent".to_owned()], vec!["select_account".to_owned()]));
    }
}
