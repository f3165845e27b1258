//! Housekeeping in small steps. Everything is about as old as its id, so each stage walks its table from the oldest
//! row and ends at the first one that is too young; what is older and must stay is passed over.

use super::cache::Tx;
use super::failure::Plain;
use super::settle::first_attempt;
use super::value;
use crate::error::Result;
use crate::store::record::{DeliveryId, EndpointId, MessageKey};
use crate::store::rules;
use crate::store::write::{Sweep, SweepCursor, Swept};
use crate::timestamp::Millis;

impl Tx<'_> {
    pub(super) fn sweep(&mut self, sweep: &Sweep) -> Result<Swept> {
        let mut swept = Swept::default();
        let mut at = sweep.from.unwrap_or(SweepCursor { stage: 0, after: 0 });
        let mut room = sweep.limit.max(1);
        while at.stage < STAGES {
            let (looked_at, last) = match at.stage {
                0 => self.cancel_stale(sweep, at.after, room, &mut swept)?,
                1 => self.sweep_attempts(sweep, at.after, room, &mut swept)?,
                2 => self.sweep_bodies(sweep, at.after, room, &mut swept)?,
                3 => self.sweep_deliveries(sweep, at.after, room, &mut swept)?,
                4 => self.sweep_messages(sweep, at.after, room, &mut swept)?,
                _ => self.sweep_usage(sweep, room, &mut swept)?,
            };
            room = room.saturating_sub(looked_at);
            at = match last {
                Some(after) => SweepCursor { after, ..at },
                None => SweepCursor { stage: at.stage + 1, after: 0 },
            };
            if room == 0 && at.stage < STAGES {
                swept.next = Some(at);
                break;
            }
        }
        Ok(swept)
    }

    /// Writes down what is canceled already because its endpoint was deleted, and cancels what was held too long.
    /// The place is the endpoint before the one that is worked on.
    fn cancel_stale(&mut self, sweep: &Sweep, after: i64, room: usize, swept: &mut Swept) -> Result<Step> {
        let held_since = sweep.now - sweep.retention.held;
        let stale = self.first(STALE, (after, held_since), |row| {
            Ok((EndpointId(row.get(0)?), row.get::<_, Option<Millis>>(1)?))
        })?;
        let Some((endpoint, deleted_at)) = stale else { return Ok((0, None)) };
        let done_at = deleted_at.unwrap_or(sweep.now);
        let canceled = self.run(CANCEL, (endpoint.0, done_at, value::rows(room)))?;
        swept.canceled += canceled as u64;
        let finished = canceled < room;
        Ok((canceled.max(1).min(room), Some(if finished { endpoint.0 } else { after })))
    }

    /// The place is the last attempt of the last delivery.
    fn sweep_attempts(&mut self, sweep: &Sweep, after: i64, room: usize, swept: &mut Swept) -> Result<Step> {
        let old = sweep.now - sweep.retention.attempts;
        let per = i64::from(rules::MOST_ATTEMPTS) + 1;
        let mut place = after;
        for looked_at in 0..room {
            let next = "SELECT id FROM hookseal_attempt WHERE id > ?1 ORDER BY id LIMIT 1";
            let Some(attempt) = self.first(next, [place], |row| row.get::<_, i64>(0))? else {
                return Ok((looked_at, None));
            };
            let id = DeliveryId(attempt / per);
            place = first_attempt(DeliveryId(id.0 + 1)) - 1;
            match self.age(id, old)? {
                Age::Young => return Ok((looked_at, None)),
                Age::Open => {}
                Age::Over => swept.attempts += self.delete_attempts(id)?,
            }
        }
        Ok((room, Some(place)))
    }

    fn sweep_bodies(&mut self, sweep: &Sweep, after: i64, room: usize, swept: &mut Swept) -> Result<Step> {
        let old = sweep.now - sweep.retention.bodies;
        let page = self.all(BODIES, (after, value::rows(room)), |row| {
            Ok((MessageKey(row.get(0)?), row.get::<_, Millis>(1)?))
        })?;
        for (key, created_at) in &page {
            if *created_at > old {
                return Ok((page.len(), None));
            }
            if !self.needs_message(*key, Some(old))? {
                swept.bodies += self.run("DELETE FROM hookseal_body WHERE message = ?1", [key.0])? as u64;
            }
        }
        Ok((page.len(), page.last().filter(|_| page.len() == room).map(|(key, _)| key.0)))
    }

    fn sweep_deliveries(
        &mut self,
        sweep: &Sweep,
        after: i64,
        room: usize,
        swept: &mut Swept,
    ) -> Result<Step> {
        let old = sweep.now - sweep.retention.deliveries;
        let page = self.all(DELIVERIES, (after, value::rows(room)), |row| {
            let over = row.get::<_, Option<Millis>>(2)?.is_some_and(|done_at| done_at <= old);
            Ok((DeliveryId(row.get(0)?), row.get::<_, Millis>(1)?, over))
        })?;
        for (id, created_at, over) in &page {
            if *created_at > old {
                return Ok((page.len(), None));
            }
            if *over {
                swept.attempts += self.delete_attempts(*id)?;
                self.run("DELETE FROM hookseal_delivery WHERE id = ?1", [id.0])?;
                swept.deliveries += 1;
            }
        }
        Ok((page.len(), page.last().filter(|_| page.len() == room).map(|(id, ..)| id.0)))
    }

    fn sweep_messages(&mut self, sweep: &Sweep, after: i64, room: usize, swept: &mut Swept) -> Result<Step> {
        let old = sweep.now - sweep.retention.ids;
        let page = self.all(MESSAGES, (after, value::rows(room)), |row| {
            Ok((MessageKey(row.get(0)?), row.get::<_, Millis>(1)?, row.get::<_, bool>(2)?))
        })?;
        for (key, created_at, has_body) in &page {
            if *created_at > old {
                return Ok((page.len(), None));
            }
            if !has_body && !self.needs_message(*key, None)? {
                self.run("DELETE FROM hookseal_message WHERE key = ?1", [key.0])?;
                swept.messages += 1;
            }
        }
        Ok((page.len(), page.last().filter(|_| page.len() == room).map(|(key, ..)| key.0)))
    }

    fn sweep_usage(&mut self, sweep: &Sweep, room: usize, swept: &mut Swept) -> Result<Step> {
        let deleted = self.run(USAGE, (sweep.now - sweep.retention.usage, value::rows(room)))?;
        swept.usage += deleted as u64;
        Ok((deleted, (deleted == room).then_some(0)))
    }

    /// Whether a message has deliveries, or such as are not over since before `old`.
    fn needs_message(&self, key: MessageKey, old: Option<Millis>) -> Result<bool> {
        Ok(self.first(NEEDS, (key.0, old), |_| Ok(()))?.is_some())
    }

    fn age(&self, id: DeliveryId, old: Millis) -> Result<Age> {
        let read = "SELECT created_at, done_at FROM hookseal_delivery WHERE id = ?1";
        let found =
            self.first(read, [id.0], |row| Ok((row.get::<_, Millis>(0)?, row.get::<_, Option<Millis>>(1)?)))?;
        Ok(match found {
            None => Age::Over,
            Some((created_at, _)) if created_at > old => Age::Young,
            Some((_, done_at)) if done_at.is_some_and(|done_at| done_at <= old) => Age::Over,
            Some(_) => Age::Open,
        })
    }

    fn delete_attempts(&self, id: DeliveryId) -> Result<u64> {
        let delete = "DELETE FROM hookseal_attempt WHERE id > ?1 AND id < ?2";
        let deleted = self.run(delete, (first_attempt(id), first_attempt(DeliveryId(id.0 + 1))))?;
        Ok(deleted as u64)
    }

    /// Gives back to the disk what has been free for long, a little at a time.
    pub(super) fn shrink(&self) -> Result<()> {
        let free: i64 =
            self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0)).plain()?;
        if free > SPARE_PAGES {
            // Each step frees one page.
            let mut shrink = self
                .connection
                .prepare_cached(&format!("PRAGMA incremental_vacuum({SHRINK_PAGES})"))
                .plain()?;
            let mut freed = shrink.query([]).plain()?;
            while freed.next().plain()?.is_some() {}
        }
        Ok(())
    }
}

/// How many rows were looked at, and where to go on; `None` if the stage is at its end.
type Step = (usize, Option<i64>);

enum Age {
    /// Nothing behind it is old enough.
    Young,
    /// It is not over, or not for long enough.
    Open,
    Over,
}

const STAGES: u8 = 6;
/// Free pages that are kept for what comes next.
const SPARE_PAGES: i64 = 4096;
const SHRINK_PAGES: i64 = 256;
const STALE: &str = "SELECT id, deleted_at FROM hookseal_endpoint
    WHERE id > ?1 AND (deleted_at IS NOT NULL OR (status <> 0 AND disabled_at <= ?2))
        AND EXISTS (SELECT 1 FROM hookseal_delivery d WHERE d.endpoint = hookseal_endpoint.id AND d.state = 0)
    ORDER BY id LIMIT 1";
pub(super) const CANCEL: &str = "UPDATE hookseal_delivery SET state = 3, done_at = ?2 WHERE id IN
    (SELECT id FROM hookseal_delivery WHERE state = 0 AND endpoint = ?1 LIMIT ?3)";
pub(super) const BODIES: &str =
    "SELECT m.key, m.created_at FROM hookseal_body b JOIN hookseal_message m ON m.key = b.message
    WHERE b.message > ?1 ORDER BY b.message LIMIT ?2";
pub(super) const DELIVERIES: &str =
    "SELECT id, created_at, done_at FROM hookseal_delivery WHERE id > ?1 ORDER BY id LIMIT ?2";
pub(super) const MESSAGES: &str =
    "SELECT key, created_at, EXISTS (SELECT 1 FROM hookseal_body WHERE message = key)
    FROM hookseal_message WHERE key > ?1 ORDER BY key LIMIT ?2";
const USAGE: &str = "DELETE FROM hookseal_usage WHERE delivery IN
    (SELECT delivery FROM hookseal_usage WHERE at <= ?1 ORDER BY at LIMIT ?2)";
/// The message's own deliveries lie side by side; those made later by hand have an index.
pub(super) const NEEDS: &str = "SELECT 1 FROM hookseal_message m JOIN hookseal_delivery d
        ON d.id BETWEEN m.first AND m.first + m.count - 1
    WHERE m.key = ?1 AND (?2 IS NULL OR d.done_at IS NULL OR d.done_at > ?2)
    UNION ALL SELECT 1 FROM hookseal_delivery
    WHERE message = ?1 AND cause <> 0 AND (?2 IS NULL OR done_at IS NULL OR done_at > ?2)
    LIMIT 1";
