//! Device codes (RFC 8628), for the simulators whose providers give them for mail.

use serde_json::{Value, json};
use uuid::Uuid;

use super::odd::Refusal;
use super::simulator::Simulator;
use super::state::{Device, DeviceAnswer, Grant, State, secret};

/// How long somebody has, in seconds: Microsoft's quarter of an hour.
const LIFE: u64 = 900;

/// A new device code, and what every provider says of it. The pause between two polls is the shortest that can be said.
pub(super) fn begin(state: &mut State, scopes: Vec<String>, page: &str) -> Value {
    let (code, id) = (secret("device"), Uuid::new_v4().simple().to_string().to_uppercase());
    let user_code = format!("{}-{}", &id[..4], &id[4..8]);
    let document = json!({
        "device_code": code, "user_code": user_code, "verification_uri": page,
        "expires_in": LIFE, "interval": 1,
    });
    state.devices.insert(code, Device { user_code, scopes, answer: None });
    document
}

/// What a poll meets.
pub(super) enum Polled {
    Pending,
    Declined,
    Expired,
    Unknown,
    Approved(Grant),
}

/// Looks at a device code, which is good for one time.
pub(super) fn poll(state: &mut State, code: &str, lasts: impl FnOnce(&[String]) -> bool) -> Polled {
    let Some(device) = state.devices.get(code) else { return Polled::Unknown };
    match device.answer {
        None => Polled::Pending,
        Some(DeviceAnswer::Declined) => Polled::Declined,
        Some(DeviceAnswer::Expired) => Polled::Expired,
        Some(DeviceAnswer::Approved) => {
            let scopes = device.scopes.clone();
            let person = state.whoever(&super::server::Fields::new());
            state.devices.remove(code);
            let lasts = lasts(&scopes);
            Polled::Approved(Grant { id: Uuid::new_v4(), person, scopes, nonce: None, lasts })
        }
    }
}

/// The errors of RFC 8628 section 3.5.
pub(super) fn refusal(polled: &Polled) -> Refusal {
    let error = match polled {
        Polled::Pending => "authorization_pending",
        Polled::Declined => "access_denied",
        Polled::Expired => "expired_token",
        Polled::Unknown | Polled::Approved(_) => "invalid_grant",
    };
    Refusal::new(400, error, "simulated")
}

impl Simulator {
    /// Somebody types this code and consents.
    ///
    /// # Panics
    /// If it was never shown.
    pub fn approves_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Approved);
    }

    /// Somebody types this code and says no.
    ///
    /// # Panics
    /// If it was never shown.
    pub fn declines_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Declined);
    }

    /// Nobody has typed this code in time.
    ///
    /// # Panics
    /// If it was never shown.
    pub fn forgets_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Expired);
    }

    fn answer_device(&self, user_code: &str, answer: DeviceAnswer) {
        let mut state = self.state();
        let device = state.devices.values_mut().find(|device| device.user_code == user_code);
        device.unwrap_or_else(|| panic!("{user_code} was never shown")).answer = Some(answer);
    }
}
