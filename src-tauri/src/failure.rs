//! What only a shell can fail at.

use courrier_app::Words;
use courrier_app::view::ErrorView;

/// A service of the person's session that refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The clipboard.
    Clipboard,
    /// Opening a page in the browser.
    Browser,
}

impl Failure {
    fn code(self) -> &'static str {
        match self {
            Self::Clipboard => "clipboard.failed",
            Self::Browser => "browser.failed",
        }
    }

    /// In a person's words.
    pub(crate) fn worded(self, words: &Words) -> ErrorView {
        let id = format!("error-{}", self.code().replace('.', "-"));
        ErrorView {
            code: self.code().to_owned(),
            message: words.text(&id, &[]),
            remedy: words.attribute(&id, "remedy", &[]),
            retryable: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use courrier_app::Language;

    use super::*;

    #[test]
    fn every_failure_has_words_and_a_remedy() {
        for language in [Language::English, Language::French] {
            let words = Words::new(language);
            for failure in [Failure::Clipboard, Failure::Browser] {
                let id = format!("error-{}", failure.code().replace('.', "-"));
                assert!(words.has(&id, None) && words.has(&id, Some("remedy")), "{id} in {language:?}");
            }
        }
    }
}
