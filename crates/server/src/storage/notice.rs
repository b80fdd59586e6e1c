//! Telling who listens that something of theirs moved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_model::{DeviceId, SyncId, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// Notices that wait for one listener. More mean that it must look for itself, which costs one look-up; so few
/// suffice, and ten thousand listeners cost little.
const WAITING: usize = 8;

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The person's revision is now at least this.
    Revision {
        /// The history it belongs to.
        sync_id: SyncId,
        /// The revision.
        revision: u64,
    },
    /// The list of devices changed.
    Devices {
        /// A device that was just registered.
        registered: Option<DeviceId>,
    },
    /// The device was revoked or its session ended: its streams must close.
    Ended {
        /// The device.
        device: DeviceId,
    },
    /// Something may have been missed: look up everything again, revocation too.
    Recheck,
}

/// One listener's end. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    user: UserId,
    // `None` only while it is dropped, so that the hub counts the others alone.
    receiver: Option<broadcast::Receiver<Notice>>,
    hub: Arc<Hub>,
}

impl Subscription {
    /// Waits for the next notice. May be dropped and asked again without losing one.
    ///
    /// `None`: the storage was closed.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.receiver.as_mut()?.recv().await {
            Ok(notice) => Some(notice),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Notice::Recheck),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.receiver = None;
        self.hub.forget_if_unheard(self.user);
    }
}

/// The listeners of this process, by person.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    people: Mutex<HashMap<UserId, broadcast::Sender<Notice>>>,
}

impl Hub {
    pub(crate) fn subscribe(self: &Arc<Self>, user: UserId) -> Subscription {
        let receiver = self.people().entry(user).or_insert_with(|| broadcast::channel(WAITING).0).subscribe();
        Subscription { user, receiver: Some(receiver), hub: Arc::clone(self) }
    }

    /// Tells the person's listeners here, if there are any.
    pub(crate) fn tell(&self, user: UserId, notice: Notice) {
        if let Some(sender) = self.people().get(&user) {
            // An error only says that the last listener is just leaving.
            let _ = sender.send(notice);
        }
    }

    /// Tells everybody here to look again.
    pub(crate) fn recheck(&self) {
        for sender in self.people().values() {
            // As above.
            let _ = sender.send(Notice::Recheck);
        }
    }

    /// Ends every subscription.
    pub(crate) fn close(&self) {
        self.people().clear();
    }

    fn forget_if_unheard(&self, user: UserId) {
        let mut people = self.people();
        if people.get(&user).is_some_and(|sender| sender.receiver_count() == 0) {
            people.remove(&user);
        }
    }

    fn people(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<Notice>>> {
        // No step inside can leave the map half-changed.
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_hears_their_own() {
        let hub = Arc::new(Hub::default());
        let (alice, bruno) = (UserId::random(), UserId::random());
        let (mut hers, mut also_hers) = (hub.subscribe(alice), hub.subscribe(alice));
        let mut his = hub.subscribe(bruno);
        hub.tell(alice, Notice::Devices { registered: None });
        hub.tell(bruno, Notice::Recheck);
        assert_eq!(hers.next().await, Some(Notice::Devices { registered: None }));
        assert_eq!(also_hers.next().await, Some(Notice::Devices { registered: None }));
        assert_eq!(his.next().await, Some(Notice::Recheck));
    }

    #[tokio::test]
    async fn who_is_slow_looks_again_and_who_left_is_forgotten() {
        let hub = Arc::new(Hub::default());
        let user = UserId::random();
        let mut slow = hub.subscribe(user);
        for _ in 0..=WAITING {
            hub.tell(user, Notice::Devices { registered: None });
        }
        assert_eq!(slow.next().await, Some(Notice::Recheck));
        drop(slow);
        assert!(hub.people().is_empty());
    }

    #[tokio::test]
    async fn closing_ends_all() {
        let hub = Arc::new(Hub::default());
        let mut listener = hub.subscribe(UserId::random());
        hub.close();
        assert_eq!(listener.next().await, None);
    }
}
