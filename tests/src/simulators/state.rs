//! What a simulator remembers: who consented to what, and which tokens it gave for that.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use uuid::Uuid;

use super::odd::{Odd, Refusal};
use super::pkce::Challenge;
use super::server::Fields;

/// What somebody consented to; all tokens that follow from it belong to it.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) id: Uuid,
    pub(super) person: String,
    /// As they are written in answers.
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    /// Whether it comes with a refresh token.
    pub(super) lasts: bool,
}

impl Grant {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// A code that waits for its client.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) redeemed: bool,
}

/// A device code that waits for a person (RFC 8628).
#[derive(Debug)]
pub(super) struct Device {
    pub(super) user_code: String,
    pub(super) scopes: Vec<String>,
    pub(super) answer: Option<DeviceAnswer>,
}

/// What became of a device code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeviceAnswer {
    Approved,
    Declined,
    Expired,
}

/// What a refresh token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// A newer one was given for it. What it is still worth is the provider's policy.
    Replaced,
    /// Nothing.
    Revoked,
}

#[derive(Debug)]
pub(super) struct RefreshToken {
    pub(super) grant: Grant,
    pub(super) standing: Standing,
    /// Those that were given for it, in turn.
    pub(super) successors: Vec<String>,
    /// Whether it was ever used.
    pub(super) used: bool,
    /// How many were given before.
    pub(super) number: usize,
}

/// A request to a token endpoint, and the status of the answer, which may have got lost.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The fields of the form.
    pub fields: BTreeMap<String, String>,
    /// The status of the answer.
    pub status: u16,
    /// The access token in the answer, if there was one.
    pub access_token: Option<String>,
}

impl TokenRequest {
    /// A field; empty where it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// True for a refresh (RFC 6749 section 6).
    pub fn is_refresh(&self) -> bool {
        self.field("grant_type") == "refresh_token"
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct State {
    /// Who signs in; where nobody is named, whoever the `login_hint` says.
    pub(super) person: Option<String>,
    /// What comes back instead of a code.
    pub(super) denial: Option<Refusal>,
    /// Scopes that nobody consents to.
    pub(super) withheld: BTreeSet<String>,
    /// Of access tokens, in seconds.
    pub(super) lifetime: u64,
    pub(super) next: VecDeque<Odd>,
    pub(super) every: Option<Odd>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) devices: HashMap<String, Device>,
    pub(super) refresh_tokens: HashMap<String, RefreshToken>,
    /// With the grants that they follow from.
    pub(super) access_tokens: HashMap<String, Uuid>,
    /// Who has consented before.
    pub(super) known: BTreeSet<String>,
    pub(super) authorizations: Vec<Fields>,
    pub(super) requests: Vec<TokenRequest>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            person: None,
            denial: None,
            withheld: BTreeSet::new(),
            // What both providers' examples have.
            lifetime: 3599,
            next: VecDeque::new(),
            every: None,
            codes: HashMap::new(),
            devices: HashMap::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: HashMap::new(),
            known: BTreeSet::new(),
            authorizations: Vec::new(),
            requests: Vec::new(),
        }
    }
}

impl State {
    pub(super) fn odd(&mut self) -> Option<Odd> {
        self.next.pop_front().or_else(|| self.every.clone())
    }

    pub(super) fn new_access_token(&mut self, grant: &Grant) -> String {
        let token = secret("access");
        self.access_tokens.insert(token.clone(), grant.id);
        token
    }

    pub(super) fn new_refresh_token(&mut self, grant: &Grant) -> String {
        let token = secret("refresh");
        let number = self.refresh_tokens.len();
        let kept = RefreshToken {
            grant: grant.clone(),
            standing: Standing::Good,
            successors: Vec::new(),
            used: false,
            number,
        };
        self.refresh_tokens.insert(token.clone(), kept);
        token
    }

    /// Ends every token of a grant.
    pub(super) fn revoke(&mut self, grant: Uuid) {
        for token in self.refresh_tokens.values_mut().filter(|token| token.grant.id == grant) {
            token.standing = Standing::Revoked;
        }
        self.access_tokens.retain(|_, of| *of != grant);
    }

    /// Ends every token.
    pub(super) fn revoke_all(&mut self) {
        for token in self.refresh_tokens.values_mut() {
            token.standing = Standing::Revoked;
        }
        self.access_tokens.clear();
    }

    /// Who signs in at this request.
    pub(super) fn whoever(&self, query: &Fields) -> String {
        let hinted = query.get("login_hint").cloned();
        self.person.clone().or(hinted).unwrap_or_else(|| "somebody@example.test".into())
    }
}

/// Text that nobody can guess and that is found again wherever it leaks to.
pub(super) fn secret(kind: &str) -> String {
    format!("simulated-{kind}-{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
