//! The words of the pages that a browser shows when it comes back.

use courrier_auth::{Page, Pages};

use crate::Words;

/// After signing in.
pub(crate) fn signed_in(words: &Words) -> Pages {
    pages(words, "signed_in")
}

/// After the consent to the use of a mailbox.
pub(crate) fn authorized(words: &Words) -> Pages {
    pages(words, "authorized")
}

/// After signing out.
pub(crate) fn signed_out(words: &Words) -> Pages {
    pages(words, "signed_out")
}

fn pages(words: &Words, success: &str) -> Pages {
    let page = |name: &str| {
        let id = format!("page-{name}");
        Page {
            language: words.language().tag().to_owned(),
            title: words.text(&id, &[]),
            body: words.attribute(&id, "body", &[]),
        }
    };
    Pages { success: page(success), failure: page("failed"), stray: page("stray") }
}
