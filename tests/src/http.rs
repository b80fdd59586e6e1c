//! Plain HTTP on this computer, as a browser without scripts speaks it: with cookies, one request at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Request, header};
use url::Url;
use url::form_urlencoded::Serializer;

/// No server of a test thinks for so long about one request.
const HANGS: Duration = Duration::from_secs(60);

/// A client with a cookie jar for one person at one server.
#[derive(Debug)]
pub(crate) struct Http {
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
}

/// What a server said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The address that was asked.
    pub(crate) url: Url,
    pub(crate) status: u16,
    /// Where it sends the browser.
    pub(crate) location: Option<Url>,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON, `null` where it is empty.
    ///
    /// # Panics
    /// If it is neither.
    pub(crate) fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{}: {}: {e}: {}", self.url, self.status, self.body))
    }
}

impl Http {
    /// Follows no redirects by itself and takes every status for an answer.
    pub(crate) fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(HANGS))
            .build();
        Self { agent: config.into(), cookies: BTreeMap::new() }
    }

    /// # Panics
    /// If nobody answers.
    pub(crate) fn get(&mut self, url: &Url) -> Answer {
        self.send("GET", url, &[], None)
    }

    /// Sends a form as browsers and OAuth clients do.
    ///
    /// # Panics
    /// If nobody answers.
    pub(crate) fn post_form(&mut self, url: &Url, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
        self.send("POST", url, &headers, Some(body))
    }

    /// # Panics
    /// If nobody answers.
    pub(crate) fn send(&mut self, method: &str, url: &Url, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        self.try_send(method, url, headers, body).unwrap_or_else(|e| panic!("{method} {url}: {e}"))
    }

    /// The same for `Drop`, which may not panic.
    pub(crate) fn try_send(
        &mut self,
        method: &str,
        url: &Url,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // The issuers mark theirs `Secure`, also over http: browsers hold this computer to be secure, and so do we.
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap_or_default());
        }
        let location = answer.headers().get(header::LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
        let status = answer.status().as_u16();
        Ok(Answer { url: url.clone(), status, location, body: answer.body_mut().read_to_string()? })
    }

    /// Both issuers take a cookie back by an empty value.
    fn keep(&mut self, cookie: &str) {
        let (pair, _attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        if value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
