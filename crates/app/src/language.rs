//! The languages Courrier speaks.

/// A language with a complete catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// By the environment, as POSIX orders it: `LC_ALL`, `LC_MESSAGES`, `LANG`; English where none says French.
    pub fn from_env() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::English, |value| Self::from_locale(&value))
    }

    /// By a locale's name (`fr_CA.UTF-8`) or a language tag (`fr-CA`).
    pub fn from_locale(name: &str) -> Self {
        let language = name.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("fr") { Self::French } else { Self::English }
    }

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_read() {
        for (name, language) in [
            ("fr_FR.UTF-8", Language::French),
            ("fr-CA", Language::French),
            ("FR", Language::French),
            ("C", Language::English),
            ("en_GB.UTF-8", Language::English),
            ("fri_FI", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::from_locale(name), language, "{name}");
        }
    }
}
