//! What a token endpoint does instead of its duty.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::Reply;

/// Something else than the proper answer of a token endpoint.
#[derive(Debug, Clone)]
pub enum Odd {
    /// Refuses; nothing is issued and nothing rotates.
    Refuse(Refusal),
    /// Has too much to do: a status such as 429 or 503, and what it says in `Retry-After` (RFC 9110 section 10.2.3).
    Busy {
        /// The status of the answer.
        status: u16,
        /// The header's value: seconds, or a date.
        retry_after: Option<String>,
    },
    /// A page for people with this status, as proxies and outages give it.
    Page(u16),
    /// Does its duty and takes this long to say so.
    Slow(Duration),
    /// Does its duty, rotation included, and the answer never arrives: the connection ends.
    Lost,
    /// Does its duty, with a field of the answer replaced; `null` leaves it out.
    Field(&'static str, Value),
}

impl Odd {
    /// Too many requests: come back after this many seconds.
    pub fn too_many(seconds: u32) -> Self {
        Self::Busy { status: 429, retry_after: Some(seconds.to_string()) }
    }

    /// Out of service, for an unknown time.
    pub fn unavailable() -> Self {
        Self::Busy { status: 503, retry_after: None }
    }

    /// Fewer scopes than were asked for (RFC 6749 section 3.3).
    pub fn narrower(scopes: &str) -> Self {
        Self::Field("scope", json!(scopes))
    }

    /// The answer of a provider that does not let the authorisation last.
    pub fn no_refresh_token() -> Self {
        Self::Field("refresh_token", Value::Null)
    }

    /// `expires_in` as text, as Microsoft's first version had it and other issuers still have it.
    pub fn lifetime_as_text() -> Self {
        Self::Field("expires_in", json!("3599"))
    }

    /// No `expires_in`, which RFC 6749 section 5.1 only recommends.
    pub fn untold_lifetime() -> Self {
        Self::Field("expires_in", Value::Null)
    }

    /// What stands for the whole answer, where nothing is issued.
    pub(super) fn instead(&self) -> Option<Reply> {
        match self {
            Self::Refuse(refusal) => Some(refusal.reply()),
            Self::Busy { status, retry_after } => {
                let reply = Reply::page(*status, "Service unavailable");
                Some(match retry_after {
                    Some(when) => reply.header("retry-after", when),
                    None => reply,
                })
            }
            Self::Page(status) => Some(Reply::page(*status, "We are sorry")),
            Self::Slow(_) | Self::Lost | Self::Field(..) => None,
        }
    }

    /// Changes the document of a proper answer.
    pub(super) fn change(&self, document: &mut Value) {
        if let (Self::Field(name, value), Some(document)) = (self, document.as_object_mut()) {
            if value.is_null() {
                document.remove(*name);
            } else {
                document.insert((*name).to_owned(), value.clone());
            }
        }
    }
}

/// An error document (RFC 6749 section 5.2) with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// The document.
    pub document: Value,
}

impl Refusal {
    /// One with a code and words, and nothing else.
    pub fn new(status: u16, error: &str, description: &str) -> Self {
        Self { status, document: json!({"error": error, "error_description": description}) }
    }

    /// Its code.
    pub fn error(&self) -> &str {
        self.document["error"].as_str().unwrap_or_default()
    }

    /// Its words.
    pub fn description(&self) -> &str {
        self.document["error_description"].as_str().unwrap_or_default()
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::json(self.status, &self.document)
    }
}

impl From<Refusal> for Odd {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_replaced_or_left_out() {
        let mut document = json!({"expires_in": 3599, "scope": "a b"});
        Odd::lifetime_as_text().change(&mut document);
        Odd::narrower("a").change(&mut document);
        assert_eq!(document, json!({"expires_in": "3599", "scope": "a"}));
        Odd::untold_lifetime().change(&mut document);
        assert_eq!(document, json!({"scope": "a"}));
        assert!(Odd::Lost.instead().is_none(), "it does its duty");
        assert_eq!(Odd::too_many(7).instead().map(|reply| reply.status), Some(429));
    }
}
