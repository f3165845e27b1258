//! The store in a SQLite file, which the processes of one machine share.
//!
//! One thread of each process writes, and takes all questions that wait into one transaction: they share the time that
//! the disk takes to make it durable.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::closed;
use super::store::{Act, Answer, Op, duration, millis};
use crate::error::{Code, Error, Result};
use crate::store::sqlite::{connect, failure::Context, schema};
use crate::timestamp::{self, Millis};

pub(super) struct Sqlite {
    /// Nothing once it is closed.
    questions: Mutex<Option<SyncSender<Question>>>,
}

struct Question {
    /// Nothing is the wish to end.
    op: Option<Op>,
    answer: Option<oneshot::Sender<Result<Answer>>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = connect::writer(path, PATIENCE)?;
        prepare(&connection)?;
        let (ask, questions) = sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name("hookseal-dedup".to_owned())
            .spawn(move || serve(connection, &questions, now))
            .map_err(|error| {
                let message = format!("No thread for the deduplicator could be started: {error}.");
                Error::new(Code::StoreUnavailable, message)
            })?;
        Ok(Self { questions: Mutex::new(Some(ask)) })
    }

    pub(super) async fn run(&self, op: Op) -> Result<Answer> {
        let (answer, answered) = oneshot::channel();
        self.ask(Question { op: Some(op), answer: Some(answer) })?;
        answered.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) fn tell(&self, op: Op) {
        // What does not fit in ends with its lease.
        let _ = self.ask(Question { op: Some(op), answer: None });
    }

    pub(super) async fn close(&self) {
        let ask = self.questions.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ask) = ask else { return };
        let (answer, answered) = oneshot::channel();
        // If there is no place, nobody waits: the thread ends with the last of the queue in any case.
        if ask.try_send(Question { op: None, answer: Some(answer) }).is_ok() {
            let _ = answered.await;
        }
    }

    fn ask(&self, question: Question) -> Result<()> {
        let questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        match questions.as_ref().ok_or_else(closed)?.try_send(question) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Error::new(
                Code::StoreLocked,
                "More events wait for the deduplicator than its disk can keep up with.",
            )),
            Err(TrySendError::Disconnected(_)) => Err(closed()),
        }
    }
}

fn serve(mut connection: Connection, questions: &Receiver<Question>, now: fn() -> Millis) {
    while let Ok(first) = questions.recv() {
        let mut batch = vec![first];
        batch.extend(questions.try_iter().take(MOST_AT_ONCE - 1));
        let ops: Vec<_> = batch.iter().filter_map(|question| question.op).collect();
        let mut answers = match transact(&mut connection, &ops, now()) {
            Ok(answers) => answers.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => ops.iter().map(|_| Err(error.clone())).collect(),
        }
        .into_iter();
        let mut ends = Vec::new();
        for Question { op, answer } in batch {
            match (op, answer) {
                (Some(_), answer) => {
                    let result = answers.next().unwrap_or_else(|| Err(closed()));
                    if let Some(answer) = answer {
                        // Who does not wait any more releases its claim behind this.
                        let _ = answer.send(result);
                    }
                }
                (None, Some(end)) => ends.push(end),
                (None, None) => {}
            }
        }
        if !ends.is_empty() {
            let _ = connection.close();
            // With them dropped, those who wait see that it is closed.
            return;
        }
    }
}

fn transact(connection: &mut Connection, ops: &[Op], now: Millis) -> Result<Vec<Answer>> {
    if ops.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).context(ASKING)?;
    let answers = ops.iter().map(|op| answer(&transaction, *op, now)).collect::<Result<_>>()?;
    // More than was added, so that what is over never piles up.
    let limit = i64::try_from(2 * ops.len() + 2).unwrap_or(i64::MAX);
    transaction.prepare_cached(SWEEP).context(ASKING)?.execute(params![now, limit]).context(ASKING)?;
    transaction.commit().context(ASKING)?;
    Ok(answers)
}

fn answer(connection: &Connection, op: Op, now: Millis) -> Result<Answer> {
    match op.act {
        Act::Claim { lease } => {
            let until = now.saturating_add(millis(lease));
            let mut claim = connection.prepare_cached(CLAIM).context(ASKING)?;
            let (ours, lease, until): (bool, i64, i64) = claim
                .query_row(params![op.key, op.token, until, millis(lease), now], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .context(ASKING)?;
            Ok(match (ours, lease) {
                (true, _) => Answer::Yes,
                (false, 0) => Answer::Done,
                (false, _) => Answer::Held(duration(until.saturating_sub(now))),
            })
        }
        Act::Extend { lease } => {
            ours(connection, EXTEND, op, now.saturating_add(millis(lease)), millis(lease))
        }
        Act::Done { keep } => ours(connection, DONE, op, now.saturating_add(millis(keep)), 0),
        Act::Release => {
            let mut release = connection.prepare_cached(RELEASE).context(ASKING)?;
            release.execute(params![op.key, op.token]).context(ASKING)?;
            Ok(Answer::Yes)
        }
    }
}

fn ours(connection: &Connection, sql: &str, op: Op, until: Millis, lease: i64) -> Result<Answer> {
    let mut statement = connection.prepare_cached(sql).context(ASKING)?;
    let changed = statement.execute(params![op.key, op.token, until, lease]).context(ASKING)?;
    Ok(if changed > 0 { Answer::Yes } else { Answer::Done })
}

fn prepare(connection: &Connection) -> Result<()> {
    schema::refuse_strangers(connection)?;
    // There is no thread here that brings the log into the file, so whoever writes does.
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -4096")
        .context(OPENING)?;
    connection.execute_batch(TABLE).context(OPENING)?;
    for sql in [CLAIM, EXTEND, DONE, RELEASE, SWEEP] {
        // A table of this name that is not ours.
        connection.prepare_cached(sql).map(drop).map_err(|_| {
            Error::new(
                Code::StoreSchema,
                "The file has a table hookseal_claim that is not the one of this version of Hookseal: choose another \
                 file.",
            )
        })?;
    }
    Ok(())
}

fn now() -> Millis {
    timestamp::from_system(SystemTime::now())
}

/// `lease` is 0 where it is done, and `until` when that is forgotten, or when the lease is over.
const TABLE: &str = "BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS hookseal_claim (
    key BLOB PRIMARY KEY,
    token BLOB NOT NULL,
    until INTEGER NOT NULL,
    lease INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hookseal_claim_until ON hookseal_claim (until);
COMMIT";
/// Values: key, token, until, lease, now. Where more than the whole lease is left, the clock was set back.
const CLAIM: &str = "INSERT INTO hookseal_claim AS c (key, token, until, lease) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET
    token = CASE WHEN c.until <= ?5 THEN excluded.token ELSE c.token END,
    until = CASE WHEN c.until <= ?5 OR c.token = excluded.token THEN excluded.until
        WHEN c.lease > 0 THEN min(c.until, ?5 + c.lease) ELSE c.until END,
    lease = CASE WHEN c.until <= ?5 THEN excluded.lease ELSE c.lease END
RETURNING token = ?2, lease, until";
const EXTEND: &str = "INSERT INTO hookseal_claim AS c (key, token, until, lease) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE c.token = excluded.token AND c.lease > 0";
const DONE: &str = "INSERT INTO hookseal_claim AS c (key, token, until, lease) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET until = excluded.until, lease = excluded.lease WHERE c.token = excluded.token";
const RELEASE: &str = "DELETE FROM hookseal_claim WHERE key = ?1 AND token = ?2 AND lease > 0";
const SWEEP: &str = "DELETE FROM hookseal_claim WHERE key IN (
    SELECT key FROM hookseal_claim WHERE until <= ?1 ORDER BY until LIMIT ?2)";
const OPENING: &str = "open the deduplicator's file";
const ASKING: &str = "use the deduplicator's file";
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_AT_ONCE: usize = 256;
const MOST_WAITING: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        prepare(&connection).unwrap();
        connection
    }

    fn op(key: u8, token: u8, act: Act) -> Op {
        Op { key: [key; 32], token: [token; 16], act }
    }

    fn claim(token: u8) -> Op {
        op(1, token, Act::Claim { lease: Duration::from_secs(60) })
    }

    #[test]
    fn a_clock_that_is_set_back_holds_up_for_one_lease_and_frees_nothing_early() {
        let mut connection = table();
        let mut ask = |op, now| transact(&mut connection, &[op], now).unwrap()[0];
        let held = |seconds| Answer::Held(Duration::from_secs(seconds));
        let noon = 1_000_000_000;
        assert_eq!(ask(claim(1), noon), Answer::Yes);
        assert_eq!(ask(claim(2), noon + 59_000), held(1));
        let before = noon - 3_600_000;
        assert_eq!(ask(claim(2), before), held(60));
        assert_eq!(ask(claim(2), before + 59_000), held(1));
        assert_eq!(ask(claim(2), before + 60_000), Answer::Yes);
        // The first one is told, and what the second one does stays.
        let done = |token| op(1, token, Act::Done { keep: Duration::from_secs(600) });
        assert_ne!(ask(done(1), before + 60_001), Answer::Yes);
        assert_eq!(ask(done(2), before + 60_002), Answer::Yes);
        assert_eq!(ask(claim(3), before - 3_600_000), Answer::Done);
    }

    #[test]
    fn a_question_that_is_asked_twice_has_the_same_answer() {
        let mut connection = table();
        let mut ask = |op, now| transact(&mut connection, &[op], now).unwrap()[0];
        let done = op(1, 1, Act::Done { keep: Duration::from_secs(600) });
        for now in [1, 2] {
            assert_eq!(ask(claim(1), now), Answer::Yes);
        }
        for now in [3, 4] {
            assert_eq!(ask(done, now), Answer::Yes);
            assert_eq!(ask(op(1, 1, Act::Release), now), Answer::Yes);
        }
        assert_eq!(ask(claim(2), 5), Answer::Done);
    }

    #[test]
    fn what_is_over_is_taken_away_in_small_steps() {
        let mut connection = table();
        for key in 0..200 {
            transact(&mut connection, &[op(key, 1, Act::Done { keep: Duration::from_secs(1) })], 0).unwrap();
        }
        let count = |connection: &Connection| -> i64 {
            connection.query_row("SELECT count(*) FROM hookseal_claim", [], |row| row.get(0)).unwrap()
        };
        assert_eq!(count(&connection), 200);
        transact(&mut connection, &[op(250, 1, Act::Claim { lease: Duration::from_secs(60) })], 2000)
            .unwrap();
        assert_eq!(count(&connection), 197);
        for _ in 0..60 {
            transact(&mut connection, &[op(250, 1, Act::Release)], 2000).unwrap();
        }
        assert_eq!(count(&connection), 0);
    }

    #[test]
    fn a_foreign_table_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE hookseal_claim (key TEXT, until INTEGER)").unwrap();
        assert_eq!(prepare(&connection).unwrap_err().code(), Code::StoreSchema);
    }
}
