//! The issuer's keys, kept.
//!
//! A token signed by a key that is not among them makes the issuer be asked again, by one request for all who
//! wait, and only so often: anybody can make up names of keys.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::discovery::{Discovery, IssuerKey};

/// Keys older than this are fetched again, so that one the issuer withdrew stops working.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// Keys older than this are not used, even if the issuer can't be reached.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// Further questions that may follow each other at once: a rotation right after the start must be seen.
const BURST: u32 = 3;
/// One more question after each of these.
const COOLDOWN: Duration = Duration::from_secs(20);

/// What was found for a token's header.
#[derive(Debug)]
pub(crate) enum Found {
    /// The key that it names.
    Key(Arc<IssuerKey>),
    /// The issuer has no such key.
    Unknown,
    /// The issuer could not be asked since the start, or for too long.
    Unavailable,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    discovery: Discovery,
    kept: RwLock<Option<Kept>>,
    questions: Mutex<Questions>,
}

#[derive(Debug, Clone)]
struct Kept {
    keys: Arc<[Arc<IssuerKey>]>,
    at: Instant,
}

/// A bucket of questions that may still be asked.
#[derive(Debug)]
struct Questions {
    left: u32,
    filled: Instant,
}

impl IssuerKeys {
    /// Nothing is fetched yet.
    pub(crate) fn new(discovery: Discovery) -> Self {
        let questions = Mutex::new(Questions { left: BURST, filled: Instant::now() });
        Self { discovery, kept: RwLock::new(None), questions }
    }

    /// Whether tokens can be verified now.
    pub(crate) fn is_ready(&self) -> bool {
        self.kept().is_some()
    }

    /// The key that a token names; without a name, the only one that fits.
    pub(crate) async fn find(self: &Arc<Self>, id: Option<&str>, algorithm: Algorithm) -> Found {
        let before = self.kept();
        if let Some((at, key)) = before.as_ref().and_then(|kept| Some((kept.at, kept.find(id, algorithm)?))) {
            if at.elapsed() > FRESH {
                let keys = Arc::clone(self);
                tokio::spawn(async move { keys.fetch_since(Some(at)).await });
            }
            return Found::Key(key);
        }
        self.fetch_since(before.map(|kept| kept.at)).await;
        match self.kept() {
            None => Found::Unavailable,
            Some(kept) => kept.find(id, algorithm).map_or(Found::Unknown, Found::Key),
        }
    }

    /// Asks the issuer, unless somebody did since `known` or it was asked too often.
    pub(crate) async fn fetch_since(&self, known: Option<Instant>) {
        let mut questions = self.questions.lock().await;
        if self.kept().map(|kept| kept.at) != known || !questions.take(Instant::now()) {
            return;
        }
        match self.discovery.keys().await {
            Ok(keys) => {
                info!(keys = keys.len(), "the issuer's keys were fetched");
                let keys = keys.into_iter().map(Arc::new).collect();
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(Kept { keys, at: Instant::now() });
            }
            Err(error) => warn!(%error, "the issuer's keys can't be fetched"),
        }
    }

    fn kept(&self) -> Option<Kept> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone().filter(|kept| kept.at.elapsed() < USABLE)
    }
}

impl Kept {
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<IssuerKey>> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next()?;
        // Without a name it must be clear which is meant.
        (id.is_some() || fitting.next().is_none()).then(|| Arc::clone(first))
    }
}

impl IssuerKey {
    /// The key that verifies.
    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.key
    }
}

impl Questions {
    fn take(&mut self, now: Instant) -> bool {
        while self.left < BURST && now.saturating_duration_since(self.filled) >= COOLDOWN {
            self.left += 1;
            self.filled += COOLDOWN;
        }
        if self.left == BURST {
            self.filled = now;
        }
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_limited_and_come_back() {
        let start = Instant::now();
        let mut questions = Questions { left: BURST, filled: start };
        let later = start + COOLDOWN * 100;
        for _ in 0..BURST {
            assert!(questions.take(later));
        }
        assert!(!questions.take(later), "an idle time gives no more than the burst");
        assert!(!questions.take(later + COOLDOWN / 2));
        assert!(questions.take(later + COOLDOWN));
        assert!(!questions.take(later + COOLDOWN));
    }
}
