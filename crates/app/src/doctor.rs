//! Testing what Courrier needs on this computer.

use courrier_model::{HomeId, Secret, SecretId, Timestamp};
use courrier_net::Proxies;
use courrier_secrets::{SecretKey, SecretStore, StoreState};
use courrier_store::Storage;

use crate::view::{DoctorView, ErrorView, FindingView};
use crate::words::{Arg, Words};
use crate::{AppError, Courrier, ExposeSecret, Ports, convert};

/// The day this was written, as seconds since 1970: no clock that is right shows an earlier one.
const NOT_BEFORE: i64 = 1_795_219_200;
/// Fifty years later: nor a later one, for as long as this matters.
const NOT_AFTER: i64 = NOT_BEFORE + 50 * 365 * 24 * 3600;

impl Courrier {
    /// Tests the keyring (write, read back, delete), the database, the clock, the proxy, the network and the server.
    /// Never prompts. Sends nothing but, if a proxy is configured, one connection to it, and, if somebody is signed in,
    /// one question to their server.
    pub async fn doctor(self: &std::sync::Arc<Self>) -> Result<DoctorView, AppError> {
        let local = self.blocking(|courrier| {
            let storage = courrier.storage_in_use()?;
            let secrets = courrier.secrets_in(storage);
            Ok(vec![keyring(storage, secrets, courrier.store().home_id(), &courrier.words()), courrier.database()])
        });
        let mut view = surroundings(local.await?, self.now(), &self.words()).await;
        view.findings.push(self.doctor_server().await?);
        view.ok = view.findings.iter().all(|finding| finding.ok);
        Ok(view)
    }

    /// The same where the data folder could not be opened: the rest may show why.
    pub async fn doctor_without_data(error: &AppError, ports: &Ports) -> DoctorView {
        let words = Words::new(ports.language);
        let keyring = keyring(Storage::Keyring, ports.secrets.as_ref(), HomeId::random(), &words);
        let ErrorView { message, remedy, .. } = error.worded(&words);
        let database = FindingView { code: "database".to_owned(), ok: false, detail: message, remedy: Some(remedy) };
        let mut view = surroundings(vec![keyring, database], (ports.clock)(), &words).await;
        view.findings.push(finding("server", true, "doctor-server-none", &[], &words));
        view
    }

    fn database(&self) -> FindingView {
        let words = self.words();
        let sound = self.store().verify().and_then(|()| self.store().accounts());
        match sound {
            Ok(_) if self.store().is_read_only() => {
                finding("database", false, "doctor-database-read_only", &[], &words)
            }
            Ok(accounts) => {
                let count = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
                finding("database", true, "doctor-database-ok", &[("accounts", Arg::from(count))], &words)
            }
            Err(error) => {
                tracing::warn!(%error, "the database failed its test");
                finding("database", false, "doctor-database-failed", &[], &words)
            }
        }
    }
}

/// Adds what does not depend on the data folder.
async fn surroundings(mut findings: Vec<FindingView>, now: Timestamp, words: &Words) -> DoctorView {
    findings.push(clock(now, words));
    findings.push(proxy(words).await);
    let network = if courrier_net::has_route() { "ok" } else { "offline" };
    findings.push(finding("network", network == "ok", &format!("doctor-network-{network}"), &[], words));
    DoctorView { ok: findings.iter().all(|finding| finding.ok), findings }
}

fn keyring(storage: Storage, store: &dyn SecretStore, home: HomeId, words: &Words) -> FindingView {
    let state = match store.state() {
        StoreState::Locked => "locked",
        StoreState::NoCollection => "none_yet",
        StoreState::Absent => "absent",
        StoreState::Ready if round_trip(store, home) => "ready",
        StoreState::Ready => "failed",
    };
    finding("keyring", state == "ready", &format!("doctor-{storage}-{state}"), &[], words)
}

/// Writes a secret that means nothing, reads it back and deletes it.
fn round_trip(store: &dyn SecretStore, home: HomeId) -> bool {
    let key = SecretKey { home, id: SecretId::random() };
    let probe = Secret::from(key.id.to_string());
    let read = store.put(&key, &probe).and_then(|()| store.get(&key));
    let deleted = store.delete(&key);
    // Exposed: it is no secret, only this test's own mark.
    let same = matches!(&read, Ok(Some(found)) if found.expose_secret() == probe.expose_secret());
    if let Err(error) = read.map(drop).and(deleted) {
        tracing::warn!(%error, "the keyring failed its test");
        return false;
    }
    same
}

fn clock(now: Timestamp, words: &Words) -> FindingView {
    let ok = (NOT_BEFORE..NOT_AFTER).contains(&now.as_second());
    let args = [("time", Arg::from(convert::time(now)))];
    finding("clock", ok, if ok { "doctor-clock-ok" } else { "doctor-clock-wrong" }, &args, words)
}

async fn proxy(words: &Words) -> FindingView {
    let proxies = Proxies::from_env();
    match proxies.reach().await {
        None => finding("proxy", true, "doctor-proxy-none", &[], words),
        Some((proxy, Ok(()))) => finding("proxy", true, "doctor-proxy-ok", &[("proxy", Arg::from(proxy))], words),
        Some((proxy, Err(reason))) => {
            let args = [("proxy", Arg::from(proxy)), ("reason", Arg::from(reason))];
            finding("proxy", false, "doctor-proxy-failed", &args, words)
        }
    }
}

pub(crate) fn finding(code: &str, ok: bool, id: &str, args: &[(&str, Arg)], words: &Words) -> FindingView {
    FindingView {
        code: code.to_owned(),
        ok,
        detail: words.text(id, args),
        remedy: (!ok).then(|| words.attribute(id, "remedy", args)),
    }
}
