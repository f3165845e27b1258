//! The store of one process, which forgets all with it. It counts by a clock that nobody can set.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::key::{Key, Token};
use super::store::{Act, Answer, Op};
use crate::error::{Code, Error, Result};

pub(super) struct Memory {
    capacity: usize,
    /// Nothing once it is closed.
    entries: Mutex<Option<Entries>>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    /// In the order in which they were claimed or extended, and in which they were done.
    held: BTreeMap<u64, Key>,
    done: BTreeMap<u64, Key>,
    next: u64,
}

struct Entry {
    token: Token,
    is_done: bool,
    until: Instant,
    /// Its place in the order.
    place: u64,
}

impl Memory {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::new(Some(Entries::default())) }
    }

    pub(super) fn run(&self, op: Op) -> Result<Answer> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.as_mut().ok_or_else(super::closed)?.run(op, self.capacity, Instant::now())
    }

    pub(super) fn close(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Entries {
    fn run(&mut self, op: Op, capacity: usize, now: Instant) -> Result<Answer> {
        self.sweep(now);
        let found = self.by_key.get(&op.key);
        match op.act {
            Act::Claim { lease } => match found {
                Some(entry) if entry.until > now && entry.is_done => Ok(Answer::Done),
                Some(entry) if entry.until > now && entry.token != op.token => {
                    Ok(Answer::Held(entry.until - now))
                }
                _ => self.put(op, false, lease, capacity, now),
            },
            Act::Extend { lease } => match found {
                Some(entry) if entry.token != op.token || entry.is_done => Ok(entry.answer(now)),
                _ => self.put(op, false, lease, capacity, now),
            },
            Act::Done { keep } => match found {
                Some(entry) if entry.token != op.token => Ok(entry.answer(now)),
                _ => self.put(op, true, keep, capacity, now),
            },
            Act::Release => {
                if found.is_some_and(|entry| entry.token == op.token && !entry.is_done) {
                    self.remove(&op.key);
                }
                Ok(Answer::Yes)
            }
        }
    }

    fn put(
        &mut self,
        op: Op,
        is_done: bool,
        span: Duration,
        capacity: usize,
        now: Instant,
    ) -> Result<Answer> {
        self.remove(&op.key);
        if self.by_key.len() >= capacity && !self.make_room(now) {
            return Err(Error::new(
                Code::StoreFull,
                "All events that the memory has room for are in progress: raise the capacity, or handle fewer at once.",
            ));
        }
        let place = self.next;
        self.next += 1;
        // A clock that ends before that has never been seen.
        let until = now.checked_add(span).unwrap_or(now);
        self.by_key.insert(op.key, Entry { token: op.token, is_done, until, place });
        if is_done { &mut self.done } else { &mut self.held }.insert(place, op.key);
        Ok(Answer::Yes)
    }

    /// Forgets the oldest that is done or, if there is none, a claim whose lease is over.
    fn make_room(&mut self, now: Instant) -> bool {
        let oldest = self.done.first_key_value().or_else(|| self.held.first_key_value());
        match oldest.map(|(_, key)| *key) {
            Some(key) if self.by_key[&key].is_done || self.by_key[&key].until <= now => self.remove(&key),
            _ => false,
        }
    }

    /// Takes away a few whose time is over: more than one call adds, so that they never pile up.
    fn sweep(&mut self, now: Instant) {
        for _ in 0..2 {
            let oldest = [self.done.first_key_value(), self.held.first_key_value()];
            let over = oldest.into_iter().flatten().map(|(_, key)| *key);
            let over: Vec<Key> = over.filter(|key| self.by_key[key].until <= now).collect();
            for key in over {
                self.remove(&key);
            }
        }
    }

    fn remove(&mut self, key: &Key) -> bool {
        let Some(entry) = self.by_key.remove(key) else { return false };
        if entry.is_done { &mut self.done } else { &mut self.held }.remove(&entry.place);
        true
    }
}

impl Entry {
    /// What somebody else is told.
    fn answer(&self, now: Instant) -> Answer {
        if self.is_done { Answer::Done } else { Answer::Held(self.until.saturating_duration_since(now)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn op(number: u8, act: Act) -> Op {
        Op { key: [number; 32], token: [number; 16], act }
    }

    fn claim(number: u8) -> Op {
        op(number, Act::Claim { lease: SECOND })
    }

    fn done(number: u8) -> Op {
        op(number, Act::Done { keep: 10 * SECOND })
    }

    fn foreign(number: u8) -> Op {
        Op { token: [255; 16], ..claim(number) }
    }

    #[test]
    fn the_oldest_done_make_room_and_none_in_progress() {
        let (mut entries, now) = (Entries::default(), Instant::now());
        for number in [1, 2, 3] {
            assert_eq!(entries.run(claim(number), 3, now).unwrap(), Answer::Yes);
        }
        let full = entries.run(claim(4), 3, now).unwrap_err();
        assert_eq!(full.code(), Code::StoreFull);
        for number in [2, 1] {
            entries.run(done(number), 3, now).unwrap();
        }
        entries.run(claim(4), 3, now).unwrap();
        // The second was done first, so it is the one that is forgotten.
        assert_eq!(entries.run(foreign(1), 3, now).unwrap(), Answer::Done);
        assert_eq!(entries.run(foreign(3), 3, now).unwrap(), Answer::Held(SECOND));
        assert_eq!(entries.by_key.len(), 3);
        entries.run(foreign(2), 3, now).unwrap();
        assert_eq!(entries.by_key.len(), 3);
        let full = entries.run(claim(5), 3, now).unwrap_err();
        assert_eq!(full.code(), Code::StoreFull);
        // A claim whose lease is over holds nobody up.
        entries.run(claim(5), 3, now + SECOND).unwrap();
    }

    #[test]
    fn what_is_over_is_taken_away() {
        let (mut entries, now) = (Entries::default(), Instant::now());
        for number in 0..50 {
            entries.run(claim(number), 100, now).unwrap();
            entries.run(done(number), 100, now).unwrap();
        }
        let later = now + 11 * SECOND;
        for number in 100..125 {
            entries.run(claim(number), 100, later).unwrap();
        }
        assert_eq!(entries.by_key.len(), 25);
        assert_eq!((entries.done.len(), entries.held.len()), (0, 25));
    }
}
