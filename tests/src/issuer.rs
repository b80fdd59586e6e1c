//! An OpenID provider, whichever it is: signing in without a browser, and what its endpoints answer.

use serde_json::Value;
use url::Url;

use crate::http::Http;
use crate::pages;
use crate::sign_in::{MakeProof, SignIn, Tokens};

/// The desktop program at every issuer: a public client with PKCE, sent back to any port of 127.0.0.1.
pub const DESKTOP_CLIENT: &str = "courrier-desktop";
/// A mail client at every issuer: its tokens are not for our server.
pub const MAIL_CLIENT: &str = "courrier-mail";

/// What the tokens of [`MAIL_CLIENT`] are for, where an issuer says it.
pub(crate) const MAIL_AUDIENCE: &str = "mail";

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The subject of their tokens.
    pub id: String,
    /// What they type.
    pub username: String,
    /// What they type below it.
    pub password: String,
    /// First and last name.
    pub name: String,
    /// A mail address, verified.
    pub email: String,
}

/// An OpenID provider that runs as a fixture.
pub trait Issuer {
    /// Its name, as tokens have it in `iss`.
    fn issuer(&self) -> String;

    /// The resource to ask for (RFC 8707) so that a token is for our server; `None` where the issuer knows by itself.
    fn api_resource(&self) -> Option<&str>;

    /// Where a mail server may ask about a token (RFC 7662), with the name and the secret that it needs for that; `None`
    /// where tokens are JWTs that the issuer's keys prove.
    fn introspection(&self) -> Option<String> {
        None
    }

    /// Its metadata (OpenID Connect Discovery, section 4).
    fn discovery(&self) -> Value {
        let url = Url::parse(&format!("{}/.well-known/openid-configuration", self.issuer())).expect("an address");
        Http::new().get(&url).json()
    }

    /// An endpoint by the name that the metadata have for it.
    ///
    /// # Panics
    /// If the issuer has none.
    fn endpoint(&self, name: &str) -> Url {
        let metadata = self.discovery();
        let address = metadata[name].as_str().unwrap_or_else(|| panic!("no {name}: {metadata}"));
        Url::parse(address).expect("an address")
    }

    /// Signs in at the desktop program, with a session that lasts (`offline_access`).
    fn sign_in(&self, person: &Person) -> Tokens {
        self.sign_in_as(person).run()
    }

    /// The same, to be changed in parts.
    fn sign_in_as<'a>(&self, person: &Person) -> SignIn<'a> {
        SignIn::new(self.discovery(), self.api_resource(), person)
    }

    /// An access token for our server.
    fn token_for(&self, person: &Person) -> String {
        self.sign_in(person).access_token
    }

    /// Signs in at the mail client.
    fn mail_sign_in(&self, person: &Person) -> Tokens {
        self.sign_in_as(person).client(MAIL_CLIENT).without_resource().run()
    }

    /// An access token for the person's mailbox.
    fn mail_token_for(&self, person: &Person) -> String {
        self.mail_sign_in(person).access_token
    }

    /// Takes new tokens for a refresh token.
    ///
    /// # Errors
    /// The error document (RFC 6749, section 5.2).
    fn refresh(&self, refresh_token: &str, client: &str) -> Result<Tokens, Value> {
        self.refresh_with(refresh_token, client, None)
    }

    /// The same with a proof of possession (RFC 9449).
    ///
    /// # Errors
    /// The error document.
    fn refresh_with(&self, refresh_token: &str, client: &str, proof: Option<&MakeProof>) -> Result<Tokens, Value> {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", client)];
        fields.extend(self.api_resource().map(|resource| ("resource", resource)));
        Tokens::ask(&mut Http::new(), &self.endpoint("token_endpoint"), &fields, proof)
    }

    /// Sends a form to an endpoint, as a public client does. The status and the body of the answer.
    fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let answer = Http::new().post_form(&self.endpoint(endpoint), fields, &[]);
        (answer.status, answer.json())
    }

    /// Revokes a token (RFC 7009).
    ///
    /// # Panics
    /// If the issuer does not say that it did.
    fn revoke(&self, token: &str, client: &str) {
        let (status, answer) = self.post("revocation_endpoint", &[("token", token), ("client_id", client)]);
        assert_eq!(status, 200, "{answer}");
    }

    /// Does what a person does at `verification_uri_complete` (RFC 8628), up to the page that says it is done.
    ///
    /// # Panics
    /// If the password is refused, or no such page comes.
    fn approve_device(&self, address: &str, person: &Person) {
        let address = Url::parse(address).expect("an address");
        let last = pages::walk(&mut Http::new(), &address, person, |_| false);
        assert_eq!(last.status, 200, "{}: {}", last.url, last.body);
    }

    /// Does what a person does at an authorization address (RFC 6749, section 4.1), and returns the address that the
    /// browser is sent back to without going there.
    ///
    /// # Panics
    /// If the password is refused, or the browser is not sent back.
    fn redirect_of(&self, address: &str, person: &Person) -> String {
        let address = Url::parse(address).expect("an address");
        let last = pages::walk(&mut Http::new(), &address, person, |url| url.path() == "/callback");
        last.location.unwrap_or_else(|| panic!("{}: {}", last.url, last.body)).into()
    }
}
