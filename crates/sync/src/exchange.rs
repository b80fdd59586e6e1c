//! One exchange with the server as a machine without I/O: it says what to ask, and is told the answer.
//!
//! Whatever it learns or decides is in the database before it asks the next thing; a machine that is dropped at any
//! point, and a new one made, goes on where the first one stood. It runs like this:
//!
//! 1. Writes from an earlier exchange whose answer never came go out again, unchanged, and with them what was edited
//!    since.
//! 2. Changes are pulled until there are no more.
//! 3. All of them are merged at once ([`crate::plan::reconcile`]).
//! 4. What the server lacks then is fixed in the outbox and sent; after that, again from 2, until nothing is left.
//!
//! If the answers to a push show that nobody else has written since the last pull, 2 and 3 are left out: a change to
//! one field is one request.

use courrier_model::{RecordId, Timestamp, UserId};
use courrier_store::{Store, SyncSession};
use courrier_wire::{Outcome, PAGE_LIMIT, Page, Push, PushAnswer, Reset, ResetReason};

use crate::{Pull, Report, SyncError, pending, plan};

/// Writes in one push.
const PUSH_LIMIT: u32 = courrier_wire::PUSH_LIMIT as u32;
/// Bytes of writes in one push, about: the server takes 4 MiB a request.
const PUSH_BYTES: usize = 2 * 1024 * 1024;
/// Rounds of pulling and pushing, at most: devices that fight over a record don't keep each other busy for ever.
const ROUNDS: u32 = 30;
/// Times that everything is pulled again, at most.
const RESETS: u32 = 4;

/// What to ask the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A page of changes.
    Pull(Pull),
    /// To take these writes.
    Push(Push),
    /// Nothing more.
    Done(Report),
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Ask::Pull`].
    Page(Page),
    /// To [`Ask::Push`].
    Pushed(PushAnswer),
    /// To either: begin again.
    Reset(Reset),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Send what waits, if anything does, then pull.
    Begin,
    /// Pull the next page.
    Pull,
    /// Merge and see what is to be sent.
    Merge,
    /// See whether something was edited meanwhile.
    Send,
    /// Everything is exchanged.
    Done,
}

/// One exchange, from the first question to [`Ask::Done`].
#[derive(Debug)]
pub struct Exchange {
    phase: Phase,
    user: UserId,
    report: Report,
    rounds: u32,
    resets: u32,
}

impl Exchange {
    /// Begins one in the name of whoever is signed in.
    ///
    /// # Errors
    /// [`SyncError::SignedOut`], [`SyncError::Store`].
    pub fn begin(store: &Store) -> Result<Self, SyncError> {
        let session = signed_in(store)?;
        Ok(Self { phase: Phase::Begin, user: session.user, report: Report::default(), rounds: 0, resets: 0 })
    }

    /// What to ask next. Blocks for the database only.
    ///
    /// # Errors
    /// [`SyncError::SignedOut`] if the person has signed out since it began, [`SyncError::Store`].
    pub fn next(&mut self, store: &Store, now: Timestamp) -> Result<Ask, SyncError> {
        loop {
            let session = signed_in(store)?;
            if session.user != self.user {
                return Err(SyncError::SignedOut);
            }
            match self.phase {
                Phase::Begin => {
                    self.phase = Phase::Pull;
                    if session.full {
                        // What the server has is not known yet.
                        store.start_over(self.user)?.ok_or(SyncError::SignedOut)?;
                    } else if self.fix(store)? > 0 {
                        return push(store, &session);
                    }
                }
                Phase::Pull => {
                    let SyncSession { sync_id, cursor, full, .. } = session;
                    return Ok(Ask::Pull(Pull { sync_id, after: cursor, full, limit: PAGE_LIMIT }));
                }
                Phase::Merge => {
                    let mut fresh = RecordId::random;
                    let done = store.reconcile(self.user, now, |facts| plan::reconcile(facts, &mut fresh))?;
                    let done = done.ok_or(SyncError::SignedOut)?;
                    self.report.conflicts += done.conflicts;
                    self.report.retired |= !done.retired.is_empty();
                    self.phase = Phase::Send;
                }
                Phase::Send => {
                    if self.rounds < ROUNDS && self.fix(store)? > 0 {
                        self.rounds += 1;
                        return push(store, &session);
                    }
                    self.phase = Phase::Done;
                }
                Phase::Done => {
                    let waiting = pending(store)?;
                    self.report.refused = waiting.iter().filter(|one| one.refused.is_some()).count();
                    self.report.pending = waiting.len();
                    self.report.revision = session.cursor;
                    return Ok(Ask::Done(self.report.clone()));
                }
            }
        }
    }

    /// Takes the answer to what was asked last. Blocks for the database only.
    ///
    /// # Errors
    /// [`SyncError::SignedOut`], [`SyncError::Store`], [`SyncError::Protocol`].
    pub fn take(&mut self, store: &Store, answer: Answer) -> Result<(), SyncError> {
        match answer {
            Answer::Page(page) => self.take_page(store, &page),
            Answer::Pushed(answer) => self.take_answers(store, &answer),
            Answer::Reset(reset) => self.begin_again(store, reset),
        }
    }

    fn take_page(&mut self, store: &Store, page: &Page) -> Result<(), SyncError> {
        let session = signed_in(store)?;
        if session.sync_id.is_some_and(|known| known != page.sync_id) {
            return self.begin_again(store, Reset { reason: ResetReason::Foreign, sync_id: page.sync_id });
        }
        if page.more && page.revision <= session.cursor {
            return Err(SyncError::Protocol("a page that leads nowhere"));
        }
        self.report.received += store.take_page(self.user, page)?.ok_or(SyncError::SignedOut)?;
        self.phase = if page.more { Phase::Pull } else { Phase::Merge };
        Ok(())
    }

    fn take_answers(&mut self, store: &Store, answer: &PushAnswer) -> Result<(), SyncError> {
        let session = signed_in(store)?;
        if session.sync_id.is_some_and(|known| known != answer.sync_id) {
            return self.begin_again(store, Reset { reason: ResetReason::Foreign, sync_id: answer.sync_id });
        }
        if answer.answers.is_empty() {
            return Err(SyncError::Protocol("writes without an answer"));
        }
        let up_to_date = store.take_answers(self.user, answer)?.ok_or(SyncError::SignedOut)?;
        let applied = |one: &&courrier_wire::WriteAnswer| matches!(one.outcome, Outcome::Applied(_));
        self.report.sent += answer.answers.iter().filter(applied).count();
        // What is left is the rest of a push that was too large for one request.
        let rest = !store.outbox(1, 0)?.is_empty();
        self.phase = if rest || up_to_date { Phase::Send } else { Phase::Pull };
        Ok(())
    }

    fn begin_again(&mut self, store: &Store, reset: Reset) -> Result<(), SyncError> {
        self.resets += 1;
        if self.resets > RESETS {
            return Err(SyncError::Protocol("everything is to be pulled again and again"));
        }
        tracing::info!(reason = ?reset.reason, "everything is pulled again");
        store.begin_again(self.user, reset)?.ok_or(SyncError::SignedOut)?;
        self.phase = Phase::Pull;
        Ok(())
    }

    /// Fixes what the server lacks; answers how many writes wait for an answer.
    fn fix(&self, store: &Store) -> Result<u32, SyncError> {
        store.fix_outbox(self.user, plan::outgoing)?.ok_or(SyncError::SignedOut)
    }
}

/// The next writes of the outbox.
fn push(store: &Store, session: &SyncSession) -> Result<Ask, SyncError> {
    let writes = store.outbox(PUSH_LIMIT, PUSH_BYTES)?;
    Ok(Ask::Push(Push { sync_id: session.sync_id, cursor: session.cursor, writes }))
}

fn signed_in(store: &Store) -> Result<SyncSession, SyncError> {
    store.sync_session()?.filter(|session| session.signed_in).ok_or(SyncError::SignedOut)
}
