//! What the person chose for the window.

use crate::view::{SettingsView, StartView};
use crate::{AppError, Courrier, Language};

const KEY: &str = "window";
const SECONDS: std::ops::RangeInclusive<u16> = 5..=300;

impl Courrier {
    /// Everything the first frame needs, from the local file alone.
    pub fn start(&self) -> Result<StartView, AppError> {
        let settings = self.settings()?;
        let language = self.language_of(&settings);
        if self.words().language() != language {
            self.speak(language);
        }
        Ok(StartView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: language.tag().to_owned(),
            settings,
            accounts: self.accounts()?,
        })
    }

    /// What the person chose; the defaults until then.
    pub fn settings(&self) -> Result<SettingsView, AppError> {
        let stored = self.store().setting(KEY)?.and_then(|json| serde_json::from_str(&json).ok());
        Ok(stored.filter(is_valid).unwrap_or_else(|| SettingsView {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            clipboard_seconds: 30,
            reveal_seconds: 30,
        }))
    }

    /// Keeps a choice; [`AppError::Setting`] if it is none.
    pub fn save_settings(&self, settings: &SettingsView) -> Result<StartView, AppError> {
        if !is_valid(settings) {
            return Err(AppError::Setting);
        }
        let json = serde_json::to_string(settings).map_err(|_| AppError::Setting)?;
        self.store().set_setting(KEY, &json)?;
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

fn is_valid(settings: &SettingsView) -> bool {
    ["system", "en", "fr"].contains(&settings.language.as_str())
        && ["system", "light", "dark"].contains(&settings.theme.as_str())
        && SECONDS.contains(&settings.clipboard_seconds)
        && SECONDS.contains(&settings.reveal_seconds)
}
