//! This program and this computer, as issuer and server are told.

use courrier_auth::{Client, DeviceKey, Issuer, IssuerKind, Registration};
use courrier_wire::{DeviceRegistration, IssuerInfo, IssuerProfile, Platform};

/// Characters of a device's name, at most.
const LONGEST_NAME: usize = 100;

/// This program at the issuer, which is the one that the person is pinned to. Without a key, tokens are not bound to
/// this computer.
pub(crate) fn client(issuer: Issuer, oidc: &IssuerInfo, key: Option<&DeviceKey>) -> Client {
    let registration = Registration {
        client_id: oidc.client_id.clone(),
        scopes: oidc.scopes.clone(),
        resource: oidc.resource.clone(),
        kind: Some(match oidc.profile {
            IssuerProfile::Keycloak => IssuerKind::Keycloak,
            IssuerProfile::Rfc9068 => IssuerKind::Rfc9068,
        }),
    };
    Client::new(issuer, registration, key.cloned())
}

/// This computer under the name that its owner gave it.
pub(crate) fn this_device() -> DeviceRegistration {
    let name = gethostname::gethostname();
    DeviceRegistration { name: device_name(&name.to_string_lossy()), platform: platform() }
}

/// What a device may be called: 1 to 100 characters, none of them a control character.
pub(crate) fn device_name(text: &str) -> String {
    let name: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let name = name.trim();
    if name.is_empty() { "Courrier".to_owned() } else { name.to_owned() }
}

/// True if the server takes this name as it is.
pub(crate) fn is_device_name(text: &str) -> bool {
    !text.trim().is_empty() && device_name(text) == text
}

fn platform() -> Platform {
    if cfg!(target_os = "linux") {
        Platform::Linux
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else if cfg!(windows) {
        Platform::Windows
    } else {
        Platform::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_host_name_becomes_one_that_the_server_takes() {
        for (host, name) in [("laptop", "laptop"), (" a\u{7}b\n", "ab"), ("", "Courrier"), ("\u{1}", "Courrier")] {
            assert_eq!(device_name(host), name, "{host:?}");
        }
        assert_eq!(device_name(&"é".repeat(200)).chars().count(), 100);
        assert!(
            is_device_name("Alice’s laptop") && !is_device_name(" x") && !is_device_name("") && !is_device_name("a\tb")
        );
        assert!(is_device_name(&this_device().name));
    }
}
