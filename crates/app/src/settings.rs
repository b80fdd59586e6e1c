//! What the person chose for the window.

use courrier_wire::{PreferencesBody, Theme};

use crate::view::{ChosenView, SettingsView, StartView};
use crate::{AppError, Courrier, Language};

const KEY: &str = "window";
/// Set when the person chose to stay on this computer only.
const ALONE: &str = "only_this_computer";
/// As the system has it.
const SYSTEM: &str = "system";
const SECONDS: std::ops::RangeInclusive<u16> = 5..=300;

impl Courrier {
    /// Everything the first frame needs, from the local file alone.
    pub fn start(&self) -> Result<StartView, AppError> {
        let ChosenView { language, settings } = self.chosen()?;
        let (accounts, session) = (self.accounts()?, self.session()?);
        let first_run = accounts.is_empty() && session.server.is_none() && self.store().setting(ALONE)?.is_none();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Ok(StartView { version, language, settings, accounts, session, first_run })
    }

    /// The person wants to use Courrier on this computer only, for now.
    pub fn choose_only_this_computer(&self) -> Result<(), AppError> {
        Ok(self.store().set_setting(ALONE, "true")?)
    }

    /// What the person chose, here or in another process; from now on this one speaks that language.
    pub fn chosen(&self) -> Result<ChosenView, AppError> {
        let settings = self.settings()?;
        let language = self.language_of(&settings);
        if self.words().language() != language {
            self.speak(language);
        }
        Ok(ChosenView { language: language.tag().to_owned(), settings })
    }

    /// What the person chose, on this computer or on another one; the defaults until then.
    pub fn settings(&self) -> Result<SettingsView, AppError> {
        let stored = self.store().setting(KEY)?.and_then(|json| serde_json::from_str(&json).ok());
        let own = stored.filter(is_valid).unwrap_or_else(|| SettingsView {
            language: SYSTEM.to_owned(),
            theme: SYSTEM.to_owned(),
            clipboard_seconds: 30,
            reveal_seconds: 30,
        });
        Ok(overlaid(own, &self.store().preferences()?))
    }

    /// Keeps a choice; [`AppError::Setting`] if it is none. All but the time until a revealed secret is hidden travels.
    pub fn save_settings(&self, settings: &SettingsView) -> Result<StartView, AppError> {
        if !is_valid(settings) {
            return Err(AppError::Setting);
        }
        let json = serde_json::to_string(settings).map_err(|_| AppError::Setting)?;
        self.store().set_setting(KEY, &json)?;
        self.store().edit_preferences(self.now(), |preferences| {
            preferences.language = Some(settings.language.clone()).filter(|language| language != SYSTEM);
            preferences.theme = Some(match settings.theme.as_str() {
                "light" => Theme::Light,
                "dark" => Theme::Dark,
                _ => Theme::System,
            });
            preferences.clipboard_seconds = Some(settings.clipboard_seconds.into());
        })?;
        self.start()
    }

    fn language_of(&self, settings: &SettingsView) -> Language {
        match settings.language.as_str() {
            "en" => Language::English,
            "fr" => Language::French,
            _ => self.system_language(),
        }
    }
}

/// What travels stands above what this computer kept, once anything was chosen.
fn overlaid(own: SettingsView, everywhere: &PreferencesBody) -> SettingsView {
    let PreferencesBody { language, theme, clipboard_seconds, .. } = everywhere;
    if (language, theme, clipboard_seconds) == (&None, &None, &None) {
        return own;
    }
    let known = |language: &&String| ["en", "fr"].contains(&language.as_str());
    let theme = theme.map(|theme| match theme {
        Theme::System => SYSTEM,
        Theme::Light => "light",
        Theme::Dark => "dark",
    });
    let seconds = clipboard_seconds.map(|seconds| u16::try_from(seconds).unwrap_or(u16::MAX));
    SettingsView {
        language: language.as_ref().filter(known).map_or_else(|| SYSTEM.to_owned(), String::clone),
        theme: theme.map_or(own.theme, str::to_owned),
        // Other programs may allow longer times than this one.
        clipboard_seconds: seconds.map_or(own.clipboard_seconds, |it| it.clamp(*SECONDS.start(), *SECONDS.end())),
        reveal_seconds: own.reveal_seconds,
    }
}

fn is_valid(settings: &SettingsView) -> bool {
    ["system", "en", "fr"].contains(&settings.language.as_str())
        && ["system", "light", "dark"].contains(&settings.theme.as_str())
        && SECONDS.contains(&settings.clipboard_seconds)
        && SECONDS.contains(&settings.reveal_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> SettingsView {
        SettingsView { language: "fr".into(), theme: "dark".into(), clipboard_seconds: 40, reveal_seconds: 50 }
    }

    #[test]
    fn what_travels_stands_above_what_stays() {
        assert_eq!(overlaid(own(), &PreferencesBody::default()), own(), "nothing was ever chosen for all computers");
        let chosen = PreferencesBody { theme: Some(Theme::Light), clipboard_seconds: Some(600), ..Default::default() };
        let seen = overlaid(own(), &chosen);
        assert_eq!(
            (seen.language.as_str(), seen.theme.as_str()),
            ("system", "light"),
            "no language means the system's"
        );
        assert_eq!((seen.clipboard_seconds, seen.reveal_seconds), (300, 50), "what this program does not allow");
        let foreign = PreferencesBody { language: Some("de".into()), ..chosen };
        assert_eq!(overlaid(own(), &foreign).language, "system", "a language that this program does not speak");
    }
}
