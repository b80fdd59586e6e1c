//! What the browser shows when it comes back to this computer.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};

/// The words of one page. Plain text: what looks like markup is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The words' language, a BCP 47 tag.
    pub language: String,
    /// The heading, also the tab's title.
    pub title: String,
    /// One sentence: what to do next.
    pub body: String,
}

/// The pages of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// The answer arrived: back to Courrier.
    pub success: Page,
    /// The answer was a refusal: back to Courrier, which says why.
    pub failure: Page,
    /// An address that belongs to no attempt that is still waiting.
    pub stray: Page,
}

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem}\
                     h1{font-size:1.5rem}@media(prefers-color-scheme:dark){body{background:#1c1c1e;color:#f2f2f2}}";

impl Page {
    /// The page as HTML that loads nothing, runs nothing, and repeats nothing of the request.
    pub(crate) fn html(&self) -> String {
        let (language, title, body) = (escape(&self.language), escape(&self.title), escape(&self.body));
        format!(
            "<!doctype html><html lang=\"{language}\" dir=\"auto\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1><p>{body}</p></main></body></html>"
        )
    }
}

/// Headers of every answer.
pub(crate) fn headers() -> HeaderMap {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        // The address holds the code: neither the disk nor another page may learn it.
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers
}

/// The status that goes with a page for a request that was not the awaited one.
pub(crate) const STRAY: StatusCode = StatusCode::BAD_REQUEST;

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        let page = Page { language: "fr\"><script>".into(), title: "L'été & <b>".into(), body: "\"Bien\"".into() };
        let html = page.html();
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("L&#39;été &amp; &lt;b&gt;"), "{html}");
    }

    #[test]
    fn the_policy_allows_the_one_style_that_the_page_has() {
        let page = Page { language: "en".into(), title: "T".into(), body: "B".into() };
        let html = page.html();
        let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("has a style");
        let hash = BASE64_STANDARD.encode(digest(&SHA256, style.as_bytes()));
        let headers = headers();
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none';") && policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    }
}
