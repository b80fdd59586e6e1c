//! Writing records: two trips to the database, however many writes there are.
//!
//! The first takes the person's lock and reads all that the writes touch; then they are decided in memory, one
//! after the other, by the ledger; the second writes what was decided, and commits. Under the lock nothing that was
//! read can change, so no write can fail for what another one did. What the database itself refuses is found by its
//! place in the second trip; the whole is then done again without it, so that each write stands for itself.

use courrier_model::{RecordId, WriteId};
use courrier_wire::{Push, PushAnswer};
use deadpool_postgres::Object;
use futures_util::future::{try_join, try_join5};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::pipeline::{Held, Pipeline};
use super::row::{Id, count, get, id, record, signed};
use super::{Postgres, failure, history, is_about_the_data};
use crate::storage::cursor::{Cursor, Stand, Verdict, judge};
use crate::storage::error::unreadable;
use crate::storage::ledger::{Asked, Ledger, Step, answered};
use crate::storage::mutation::Fingerprint;
use crate::storage::{Actor, Notice, Pushed, StorageError, columns};

/// Writes of one push that the database may refuse by itself before the push is given up. It refuses none of those
/// that the ledger lets through; more than a few mean that something is wrong with it.
const REFUSALS: usize = 8;

impl Postgres {
    pub(crate) async fn push(&self, actor: &Actor, push: Push) -> Result<Pushed, StorageError> {
        let cursor = Cursor { sync_id: push.sync_id, after: push.cursor, full: false };
        let mut asked: Vec<Asked> = push.writes.into_iter().map(Asked::read).collect();
        for _ in 0..=REFUSALS {
            match self.attempt(actor, cursor, &asked).await? {
                Attempt::Done(pushed) => return Ok(pushed),
                Attempt::Ahead => {
                    if let Some(reset) = self.renew_if_ahead(actor.user, cursor, actor.at).await? {
                        return Ok(Pushed::Reset(reset));
                    }
                }
                Attempt::Refused(index) => {
                    if let Some(asked) = asked.get_mut(index) {
                        tracing::warn!(user = %actor.user, record = %asked.write.id, "the database refused a record");
                        asked.refuse();
                    }
                }
            }
        }
        Err(StorageError::Refused("the database refused too many records of one push".to_owned()))
    }

    async fn attempt(&self, actor: &Actor, cursor: Cursor, asked: &[Asked]) -> Result<Attempt, StorageError> {
        let held = Held::new(self.client().await?);
        let facts = Facts::read(&held, actor, asked).await?;
        let Facts { stand, revoked, mut ledger } = facts;
        if revoked {
            return Ok(Attempt::Done(Pushed::DeviceRevoked));
        }
        let verdict = judge(cursor, stand);
        if verdict == Verdict::Ahead {
            return Ok(Attempt::Ahead);
        }
        if verdict != Verdict::Continue {
            drop(held);
            let reset = self.reset(actor.user, stand, verdict).await?;
            return reset
                .map(|reset| Attempt::Done(Pushed::Reset(reset)))
                .ok_or_else(|| StorageError::Refused("a cursor got no verdict".to_owned()));
        }
        let mut steps = Vec::with_capacity(asked.len());
        for asked in asked {
            let step = ledger.decide(asked, WriteId::random())?;
            ledger.note(&step);
            steps.push(step);
        }
        if let Some(index) = apply(&held, actor, stand, &ledger, &steps).await? {
            return Ok(Attempt::Refused(index));
        }
        held.ended();
        if ledger.revision > stand.revision {
            let notice = Notice::Revision { sync_id: stand.sync_id, revision: ledger.revision };
            self.hub.tell(actor.user, notice);
            self.bell.ring(actor.user, notice);
        }
        let answers = asked.iter().zip(steps).map(|(asked, step)| answered(asked, step.outcome)).collect();
        let answer = PushAnswer { sync_id: stand.sync_id, revision: ledger.revision, answers };
        Ok(Attempt::Done(Pushed::Answer(answer)))
    }
}

enum Attempt {
    Done(Pushed),
    /// The cursor is ahead of the server.
    Ahead,
    /// The database refused the write with this index; nothing was written.
    Refused(usize),
}

/// What the writes are decided by.
struct Facts {
    stand: Stand,
    revoked: bool,
    ledger: Ledger,
}

impl Facts {
    /// Begins the transaction, takes the person's lock and reads, in one trip.
    async fn read(client: &Object, actor: &Actor, asked: &[Asked]) -> Result<Self, StorageError> {
        let prepare = |sql| client.prepare_cached(sql);
        let (lock, device, rows, holders, answers) = try_join5(
            prepare(history::LOCK),
            prepare("SELECT revoked_at IS NOT NULL FROM device WHERE id = $1 AND person_id = $2"),
            prepare(concat!("SELECT ", columns::record!(), " FROM record r WHERE r.person_id = $1 AND r.id = ANY($2)")),
            prepare("SELECT address_key, id FROM record WHERE person_id = $1 AND address_key = ANY($2)"),
            prepare("SELECT id, fingerprint, outcome FROM mutation WHERE person_id = $1 AND id = ANY($2)"),
        )
        .await
        .map_err(failure)?;

        let person = Id(actor.user);
        let from = actor.device.map(Id);
        let ids: Vec<_> = asked.iter().map(|asked| Id(asked.write.id)).collect();
        let keys: Vec<_> = asked.iter().filter_map(Asked::address_key).collect();
        let mutations: Vec<_> = asked.iter().map(|asked| Id(asked.write.mutation_id)).collect();
        // Each future sends when it is first asked, and they are asked in this order.
        let (_, (locked, device, rows, holders, answers)) = try_join(
            client.batch_execute("BEGIN"),
            try_join5(
                client.query_one(&lock, &[&person]),
                client.query_opt(&device, &[&from, &person]),
                client.query(&rows, &[&person, &ids]),
                client.query(&holders, &[&person, &keys]),
                client.query(&answers, &[&person, &mutations]),
            ),
        )
        .await
        .map_err(failure)?;

        let stand = history::stand(&locked)?;
        let mut ledger = Ledger { revision: stand.revision, record_count: count(&locked, 3)?, ..Ledger::default() };
        for row in &rows {
            let row = record(row, 0)?;
            ledger.rows.insert(row.id, row);
        }
        for row in &holders {
            ledger.holders.insert(get(row, 0, "address")?, id::<RecordId>(row, 1, "record's id")?);
        }
        for row in &answers {
            let fingerprint: Fingerprint =
                get::<&[u8]>(row, 1, "fingerprint")?.try_into().map_err(unreadable("fingerprint"))?;
            let outcome = serde_json::from_str(get(row, 2, "answer")?).map_err(unreadable("answer"))?;
            ledger.answers.insert(id(row, 0, "mutation's id")?, (fingerprint, outcome));
        }
        let revoked = match (actor.device, device) {
            (None, _) => false,
            // A device that is gone can do no more than a revoked one.
            (Some(_), None) => true,
            (Some(_), Some(row)) => get(&row, 0, "revocation")?,
        };
        Ok(Self { stand, revoked, ledger })
    }
}

/// Writes what was decided and commits, in one trip. Answers which write the database refused, if it did.
async fn apply(
    client: &Object,
    actor: &Actor,
    stand: Stand,
    ledger: &Ledger,
    steps: &[Step],
) -> Result<Option<usize>, StorageError> {
    let prepare = |sql| client.prepare_cached(sql);
    let (upsert, remember, log, raise) = futures_util::future::try_join4(
        prepare(
            "INSERT INTO record (person_id, id, kind, revision, write_id, body, address_key, origin, written_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (person_id, id) DO UPDATE SET revision = excluded.revision, write_id = excluded.write_id,
             body = excluded.body, address_key = excluded.address_key, origin = excluded.origin,
             written_at = excluded.written_at",
        ),
        prepare(
            "INSERT INTO mutation (person_id, id, fingerprint, outcome, answered_at)
             SELECT $1, given.id, given.fingerprint, given.outcome, $2
             FROM unnest($3::uuid[], $4::bytea[], $5::text[]) AS given (id, fingerprint, outcome)",
        ),
        prepare(
            "INSERT INTO audit (at, person_id, device_id, address, action, target)
             SELECT $1, $2, $3, $4, given.action, given.target
             FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS given (action, target, place)
             ORDER BY given.place",
        ),
        prepare("UPDATE person SET revision = revision + $2, record_count = $3 WHERE id = $1 RETURNING revision"),
    )
    .await
    .map_err(failure)?;

    let (person, at) = (Id(actor.user), actor.at.as_microsecond());
    let remembered = Remembering::of(steps)?;
    let mut pipeline = Pipeline::new();
    // Which write stands at which place in the pipeline.
    let mut places = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let Some((row, _)) = &step.change else { continue };
        places.push(index);
        let (upsert, id, write_id) = (&upsert, Id(row.id), Id(row.write_id));
        let (kind, revision, origin) = (row.kind.as_str(), signed(row.revision), row.origin.map(signed));
        pipeline.then(async move {
            let values: [&(dyn ToSql + Sync); 9] =
                [&person, &id, &kind, &revision, &write_id, &row.body, &row.address_key, &origin, &at];
            client.execute(upsert, &values).await
        });
    }
    if !remembered.ids.is_empty() {
        pipeline.then(remembered.write(client, &remember, person, at));
    }
    if !places.is_empty() {
        pipeline.then(write_lines(client, &log, actor, steps));
        let by = signed(ledger.revision - stand.revision);
        let count = signed(ledger.record_count);
        let raise = &raise;
        pipeline.then(async move {
            let row = client.query_one(raise, &[&person, &by, &count]).await?;
            row.try_get::<_, i64>(0).map(i64::unsigned_abs)
        });
    }
    pipeline.then(async { client.batch_execute("COMMIT").await.map(|()| 0) });
    match pipeline.run().await {
        Ok(_) => Ok(None),
        Err((place, error)) if is_about_the_data(&error) && place < places.len() => Ok(places.get(place).copied()),
        Err((_, error)) => Err(failure(error)),
    }
}

/// The answers to remember, column by column.
struct Remembering {
    ids: Vec<Id<courrier_model::MutationId>>,
    fingerprints: Vec<Vec<u8>>,
    outcomes: Vec<String>,
}

impl Remembering {
    fn of(steps: &[Step]) -> Result<Self, StorageError> {
        let mut all = Self { ids: Vec::new(), fingerprints: Vec::new(), outcomes: Vec::new() };
        for answer in steps.iter().filter_map(|step| step.answer) {
            all.ids.push(Id(answer.mutation));
            all.fingerprints.push(answer.fingerprint.to_vec());
            all.outcomes.push(serde_json::to_string(&answer.outcome).map_err(unreadable("answer"))?);
        }
        Ok(all)
    }

    async fn write(
        &self,
        client: &Object,
        remember: &Statement,
        person: Id<courrier_model::UserId>,
        at: i64,
    ) -> Result<u64, tokio_postgres::Error> {
        client.execute(remember, &[&person, &at, &self.ids, &self.fingerprints, &self.outcomes]).await
    }
}

async fn write_lines(
    client: &Object,
    log: &Statement,
    actor: &Actor,
    steps: &[Step],
) -> Result<u64, tokio_postgres::Error> {
    let lines = || steps.iter().filter_map(|step| step.change.as_ref()).map(|(_, line)| line);
    let actions: Vec<&str> = lines().map(|line| line.action.as_str()).collect();
    let targets: Vec<Option<&str>> = lines().map(|line| line.target.as_deref()).collect();
    let (at, person, device) = (actor.at.as_microsecond(), Id(actor.user), actor.device.map(Id));
    client.execute(log, &[&at, &person, &device, &actor.address, &actions, &targets]).await
}
