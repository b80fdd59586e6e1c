//! The clipboard: a secret stays on it for a time, and is taken off only if it is still there.

use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use courrier_app::{ExposeSecret, Secret};

/// How long the end of the program waits for the clipboard. On X11 its owner is another program, which may hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// The clipboard of the person's session, used by a thread of its own: on Linux what was copied lives only as long
/// as the connection that copied it, and reading it may wait for another program.
pub(crate) struct Clipboard {
    orders: Mutex<Option<Sender<Order>>>,
    on_cleared: Mutex<Option<Box<dyn Fn() + Send>>>,
}

/// The system's clipboard refused, or there is none.
#[derive(Debug)]
pub(crate) struct Unusable;

enum Order {
    Text(String, Sender<Result<(), Unusable>>),
    Secret(Secret, Duration, Sender<Result<(), Unusable>>),
    ClearNow(Sender<Result<(), Unusable>>),
}

impl Clipboard {
    /// `on_cleared` is told when the time of a secret is over, whether it was still there or not.
    pub(crate) fn new(on_cleared: impl Fn() + Send + 'static) -> Self {
        Self { orders: Mutex::default(), on_cleared: Mutex::new(Some(Box::new(on_cleared))) }
    }

    /// Copies what is no secret; it stays.
    pub(crate) fn put_text(&self, text: String) -> Result<(), Unusable> {
        let (reply, answer) = channel();
        self.order(Order::Text(text, reply));
        answer.recv().unwrap_or(Err(Unusable))
    }

    /// Copies a secret, marked so that clipboard histories leave it out, for as long as `stay`.
    pub(crate) fn put_secret(&self, secret: Secret, stay: Duration) -> Result<(), Unusable> {
        let (reply, answer) = channel();
        self.order(Order::Secret(secret, stay, reply));
        answer.recv().unwrap_or(Err(Unusable))
    }

    /// Takes a secret off the clipboard before its time; for the end of the program.
    pub(crate) fn clear_now(&self) {
        if self.orders.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            let (reply, answer) = channel();
            self.order(Order::ClearNow(reply));
            if answer.recv_timeout(PATIENCE).is_err() {
                tracing::warn!("the clipboard does not answer");
            }
        }
    }

    /// Hands an order to the thread, which starts with the first. A thread that is gone drops the order, and with it
    /// the sender that the caller waits for.
    fn order(&self, order: Order) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = orders.get_or_insert_with(|| {
            let (orders, received) = channel();
            let on_cleared = self.on_cleared.lock().unwrap_or_else(PoisonError::into_inner).take();
            let thread = std::thread::Builder::new().name("clipboard".to_owned());
            if let Err(error) = thread.spawn(move || Worker::new(on_cleared).serve(&received)) {
                tracing::error!(%error, "no thread for the clipboard");
            }
            orders
        });
        // Refused where the thread could not start; the caller then hears nothing, which it takes for an error.
        let _ = orders.send(order);
    }
}

/// A secret of ours on the clipboard, known by a hash with keys that only this process has.
struct Held {
    hash: u64,
    until: Instant,
}

struct Worker {
    system: Option<arboard::Clipboard>,
    hasher: RandomState,
    held: Option<Held>,
    on_cleared: Option<Box<dyn Fn() + Send>>,
}

impl Worker {
    fn new(on_cleared: Option<Box<dyn Fn() + Send>>) -> Self {
        Self { system: None, hasher: RandomState::new(), held: None, on_cleared }
    }

    /// Carries out orders, and clears in between, until the program ends.
    fn serve(mut self, orders: &Receiver<Order>) {
        loop {
            let order = match &self.held {
                Some(held) => orders.recv_timeout(held.until.saturating_duration_since(Instant::now())),
                None => orders.recv().map_err(RecvTimeoutError::from),
            };
            // The caller may have stopped waiting.
            let _ = match order {
                Ok(Order::Text(text, reply)) => reply.send(self.put_text(text)),
                Ok(Order::Secret(secret, stay, reply)) => reply.send(self.put_secret(&secret, stay)),
                Ok(Order::ClearNow(reply)) => reply.send(self.clear()),
                Err(RecvTimeoutError::Timeout) => {
                    // What could not be cleared now can't be a moment later either.
                    let _ = self.clear();
                    Ok(())
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }

    fn put_text(&mut self, text: String) -> Result<(), Unusable> {
        self.system()?.set_text(text).map_err(unusable)?;
        // A secret that was there is gone.
        self.forget();
        Ok(())
    }

    fn put_secret(&mut self, secret: &Secret, stay: Duration) -> Result<(), Unusable> {
        // The person pressed "copy" for this one.
        let text = secret.expose_secret();
        private(self.system()?.set()).text(text).map_err(unusable)?;
        self.held = Some(Held { hash: self.hasher.hash_one(text), until: Instant::now() + stay });
        Ok(())
    }

    /// Empties the clipboard if it still holds our secret.
    fn clear(&mut self) -> Result<(), Unusable> {
        let Some(held) = &self.held else { return Ok(()) };
        let hash = held.hash;
        let now = self.system()?.get_text();
        let still_there = now.is_ok_and(|text| self.hasher.hash_one(text.as_str()) == hash);
        let cleared = if still_there { self.system()?.clear().map_err(unusable) } else { Ok(()) };
        self.forget();
        cleared
    }

    fn forget(&mut self) {
        if self.held.take().is_some()
            && let Some(on_cleared) = &self.on_cleared
        {
            on_cleared();
        }
    }

    fn system(&mut self) -> Result<&mut arboard::Clipboard, Unusable> {
        match &mut self.system {
            Some(system) => Ok(system),
            none => Ok(none.insert(arboard::Clipboard::new().map_err(unusable)?)),
        }
    }
}

/// Asks clipboard histories to leave out what is set.
fn private(set: arboard::Set<'_>) -> arboard::Set<'_> {
    #[cfg(target_os = "macos")]
    use arboard::SetExtApple as _;
    #[cfg(all(unix, not(target_os = "macos")))]
    use arboard::SetExtLinux as _;
    #[cfg(windows)]
    use arboard::SetExtWindows as _;
    set.exclude_from_history()
}

/// The library's error says nothing that a person could act on.
fn unusable(error: arboard::Error) -> Unusable {
    tracing::warn!(%error, "the clipboard refuses");
    Unusable
}
