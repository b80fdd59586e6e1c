//! The redirect that ends the browser's part, and what makes its answer believable.

use std::net::Ipv4Addr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use oauth2::url::{Url, form_urlencoded};
use oauth2::{AuthorizationCode, CsrfToken, RedirectUrl};

use crate::error::{AuthError, Forgery, error_code};
use crate::refusal::Refusal;

/// The longest code that is taken, in bytes; issuers' are below two thousand.
const LONGEST_CODE: usize = 8 * 1024;

/// How this computer is named in the redirect address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectHost {
    /// `http://127.0.0.1:PORT`, as RFC 8252 section 7.3 recommends.
    Ip,
    /// `http://localhost:PORT`, for issuers that register nothing else.
    Localhost,
}

/// The redirect address but for its port, which is free at each attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The host.
    pub host: RedirectHost,
    /// The path with its leading slash, as it is registered. `/` stands for an address that is registered without a path,
    /// and is sent so.
    pub path: String,
}

impl Default for Redirect {
    /// `http://127.0.0.1:PORT/callback`
    fn default() -> Self {
        Self { host: RedirectHost::Ip, path: "/callback".into() }
    }
}

impl Redirect {
    /// The address as it is registered where any port may be added to it.
    pub(crate) fn without_port(&self) -> String {
        let host = match self.host {
            RedirectHost::Ip => Ipv4Addr::LOCALHOST.to_string(),
            RedirectHost::Localhost => "localhost".to_owned(),
        };
        format!("http://{host}{}", self.path.trim_end_matches('/'))
    }
}

impl RedirectHost {
    /// `host:port` as a browser sends it in `Host`.
    pub(crate) fn authority(self, port: u16) -> String {
        match self {
            Self::Ip => format!("{}:{port}", Ipv4Addr::LOCALHOST),
            Self::Localhost => format!("localhost:{port}"),
        }
    }
}

/// The redirect address as it is sent, which has to be the registered one letter by letter but for the port.
pub(crate) fn as_registered(redirect_uri: &Url) -> RedirectUrl {
    let text = redirect_uri.as_str();
    let bare = if redirect_uri.path() == "/" { text.trim_end_matches('/') } else { text };
    // Only a text that is no address is refused.
    RedirectUrl::new(bare.to_owned()).unwrap_or_else(|_| RedirectUrl::from_url(redirect_uri.clone()))
}

/// What the right answer looks like.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) state: CsrfToken,
    /// Who must have answered (RFC 9207); `None` where the issuer has no such name.
    pub(crate) issuer: Option<String>,
    /// The issuer said that it always names itself.
    pub(crate) issuer_required: bool,
}

/// What a query means for the attempt.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Not of this attempt: it goes on as if nothing had come.
    Stray,
    /// The answer; there will be no other.
    Answer(Result<AuthorizationCode, AuthError>),
}

impl Expected {
    /// Judges the query of a redirect (RFC 6749 section 4.1.2, RFC 9207 section 2.4).
    pub(crate) fn judge(&self, query: &str) -> Judgement {
        let [mut state, mut code, mut error, mut description, mut issuer] = [None, None, None, None, None];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                "iss" => &mut issuer,
                _ => continue,
            };
            // RFC 6749 section 3.1: no parameter comes twice.
            if place.replace(value).is_some() {
                return Judgement::Stray;
            }
        }
        let expected = self.state.secret().as_bytes();
        if state.is_none_or(|state| verify_slices_are_equal(state.as_bytes(), expected).is_err()) {
            return Judgement::Stray;
        }
        let genuine = match (&self.issuer, issuer) {
            (Some(expected), Some(issuer)) => issuer == expected.as_str(),
            (Some(_), None) => !self.issuer_required,
            (None, _) => true,
        };
        if !genuine {
            return Judgement::Answer(Err(AuthError::Forged(Forgery::Issuer)));
        }
        match (error, code) {
            (Some(error), _) => Judgement::Answer(Err(refusal(&error, description.as_deref()))),
            (None, Some(code)) if !code.is_empty() && code.len() <= LONGEST_CODE => {
                Judgement::Answer(Ok(AuthorizationCode::new(code.into_owned())))
            }
            (None, _) => Judgement::Stray,
        }
    }

    /// Judges an address that the person copied from the browser; it has to be the redirect address itself.
    pub(crate) fn judge_pasted(&self, text: &str, redirect_uri: &Url) -> Option<Judgement> {
        let pasted: Url = text.trim().parse().ok()?;
        let same = pasted.scheme() == redirect_uri.scheme()
            && pasted.host() == redirect_uri.host()
            && pasted.port() == redirect_uri.port()
            && pasted.path() == redirect_uri.path()
            && pasted.username().is_empty()
            && pasted.password().is_none();
        same.then(|| self.judge(pasted.query().unwrap_or_default()))
    }
}

/// What the issuer's error means (RFC 6749 section 4.1.2.1).
fn refusal(error: &str, description: Option<&str>) -> AuthError {
    let refusal = Refusal::of_redirect(error, description);
    if refusal.numbered().is_some() {
        // Microsoft, which knows more than the code says.
        return refusal.into_error();
    }
    match error {
        "access_denied" => AuthError::Denied,
        "temporarily_unavailable" | "server_error" => AuthError::Busy { retry_after: None },
        "unauthorized_client" | "invalid_scope" | "invalid_target" | "unsupported_response_type" => {
            AuthError::Misconfigured(error_code(error))
        }
        other => AuthError::Refused { error: error_code(other) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expected(issuer_required: bool) -> Expected {
        let issuer = Some("https://id.example.test/realms/x".to_owned());
        Expected { state: CsrfToken::new("S-1".into()), issuer, issuer_required }
    }

    fn code_of(judgement: Judgement) -> Option<Result<String, AuthError>> {
        match judgement {
            Judgement::Stray => None,
            Judgement::Answer(answer) => Some(answer.map(|code| code.secret().clone())),
        }
    }

    #[test]
    fn only_the_answer_to_this_attempt_counts() {
        let judge = |query: &str| code_of(expected(false).judge(query));
        assert_eq!(judge("code=C&state=S-1"), Some(Ok("C".into())));
        assert_eq!(judge("code=C&state=S-1&session_state=x&other="), Some(Ok("C".into())));
        for stray in [
            "",
            "code=C",
            "code=C&state=",
            "code=C&state=S-2",
            "code=C&state=S-1&state=S-1",
            "state=S-1",
            "code=&state=S-1",
            "code=A&code=B&state=S-1",
            "error=access_denied&state=S-2",
            "code=C&state=S-1%00",
        ] {
            assert_eq!(judge(stray), None, "{stray}");
        }
        let long = format!("state=S-1&code={}", "x".repeat(LONGEST_CODE + 1));
        assert_eq!(judge(&long), None);
    }

    #[test]
    fn the_issuer_must_be_the_one_that_was_asked() {
        let forged = Some(Err(AuthError::Forged(Forgery::Issuer)));
        let judge = |required, query: &str| code_of(expected(required).judge(query));
        assert_eq!(judge(true, "code=C&state=S-1"), forged);
        assert_eq!(judge(false, "code=C&state=S-1&iss=https%3A%2F%2Fevil.test"), forged);
        assert_eq!(judge(true, "error=access_denied&state=S-1"), forged);
        assert_eq!(judge(true, "code=C&state=S-1&iss=https%3A%2F%2Fid.example.test%2Frealms%2Fx%2F"), forged);
        assert_eq!(judge(true, "code=C&state=S-1&iss=https://id.example.test/realms/x"), Some(Ok("C".into())));
    }

    #[test]
    fn refusals_are_told_apart_by_code() {
        let judge = |error: &str| code_of(expected(false).judge(&format!("error={error}&state=S-1&code=C")));
        assert_eq!(judge("access_denied"), Some(Err(AuthError::Denied)));
        assert_eq!(judge("temporarily_unavailable"), Some(Err(AuthError::Busy { retry_after: None })));
        assert_eq!(judge("invalid_scope"), Some(Err(AuthError::Misconfigured("invalid_scope".into()))));
        assert_eq!(judge("login_required"), Some(Err(AuthError::Refused { error: "login_required".into() })));
        let error = "access_denied".to_owned();
        let explanation = Some(crate::Explanation::AdminConsent);
        let expected = crate::ProviderError { verdict: crate::Verdict::SignInAgain, error, explanation };
        let administrator = judge("access_denied&error_description=AADSTS90094:+The+grant+needs+an+administrator");
        assert_eq!(administrator, Some(Err(AuthError::Provider(expected))));
        assert_eq!(judge("access_denied&error_description=AADSTS65004:+declined"), Some(Err(AuthError::Denied)));
    }

    #[test]
    fn an_address_without_a_path_is_sent_without_one() {
        for (url, sent) in [
            ("http://localhost:4711/", "http://localhost:4711"),
            ("http://127.0.0.1:4711/callback", "http://127.0.0.1:4711/callback"),
            ("http://127.0.0.1:4711/callback/", "http://127.0.0.1:4711/callback/"),
        ] {
            assert_eq!(as_registered(&url.parse().expect("valid")).as_str(), sent);
        }
    }

    #[test]
    fn a_pasted_address_is_the_redirect_address() {
        let uri = Url::parse("http://127.0.0.1:4711/callback").expect("valid");
        let paste = |text: &str| expected(false).judge_pasted(text, &uri).map(code_of);
        assert_eq!(paste(" http://127.0.0.1:4711/callback?code=C&state=S-1\n"), Some(Some(Ok("C".into()))));
        assert_eq!(paste("http://127.0.0.1:4711/callback?code=C&state=S-9"), Some(None));
        for other in [
            "",
            "code=C&state=S-1",
            "http://127.0.0.1:4712/callback?code=C&state=S-1",
            "https://127.0.0.1:4711/callback?code=C&state=S-1",
            "http://127.0.0.1:4711/?code=C&state=S-1",
            "http://u:p@127.0.0.1:4711/callback?code=C&state=S-1",
            "http://evil.test/callback?code=C&state=S-1",
        ] {
            assert_eq!(paste(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn nothing_without_the_state_is_an_answer(query in "([a-z]{1,6}=[ -~]{0,12}&?){0,6}") {
            prop_assume!(!query.contains("S-1") && !query.contains('%'));
            prop_assert!(matches!(expected(false).judge(&query), Judgement::Stray));
        }
    }
}
