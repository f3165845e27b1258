//! The one thread that writes: what arrives while a commit runs is the next commit.
//!
//! A lone operation is committed at once. Under load, batches grow to what arrives in the time of a commit, and the
//! next one may wait a moment until it is as large as the last: what every commit costs is shared by more then. Callers
//! are held back before they get here by the engine.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An operation that waits for its commit, and whom to tell.
pub(crate) struct Op<W, R> {
    pub(crate) write: W,
    /// About how many bytes it brings along.
    pub(crate) size: usize,
    pub(crate) reply: R,
}

/// The operations that wait.
pub(crate) struct Queue<W, R> {
    state: Mutex<State<W, R>>,
    wake: Condvar,
}

struct State<W, R> {
    ops: VecDeque<Op<W, R>>,
    open: bool,
    /// How many operations the sleeping thread waits for, if it sleeps; waking one that does not costs a system call
    /// for nothing.
    awaited: Option<usize>,
    /// How many the last batch had.
    last: usize,
}

impl<W, R> Queue<W, R> {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { ops: VecDeque::new(), open: true, awaited: None, last: 0 };
        Arc::new(Self { state: Mutex::new(state), wake: Condvar::new() })
    }

    /// Adds an operation, or gives it back if the queue is closed.
    pub(crate) fn push(&self, op: Op<W, R>) -> Result<(), Op<W, R>> {
        let mut state = self.state();
        if !state.open {
            return Err(op);
        }
        state.ops.push_back(op);
        let ops = state.ops.len();
        let enough = state.awaited.take_if(|awaited| ops >= *awaited).is_some();
        drop(state);
        if enough {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Takes no more; what is there is still committed.
    pub(crate) fn close(&self) {
        self.state().open = false;
        self.wake.notify_all();
    }

    pub(crate) fn len(&self) -> usize {
        self.state().ops.len()
    }

    /// Commits batches until the queue is closed and empty. `commit` takes the writes and whom to tell, in the
    /// same order.
    pub(crate) fn run(&self, mut commit: impl FnMut(&mut Vec<W>, &mut Vec<R>)) {
        // Should a commit panic, nobody waits for answers that cannot come.
        let _ending = Ending(self);
        // Kept from batch to batch: they grow to what a batch needs once.
        let (mut writes, mut replies) = (Vec::new(), Vec::new());
        while self.take(&mut writes, &mut replies) {
            super::span::commit(writes.len()).in_scope(|| commit(&mut writes, &mut replies));
            writes.clear();
            replies.clear();
        }
    }

    /// The next batch; false at the end of all.
    fn take(&self, writes: &mut Vec<W>, replies: &mut Vec<R>) -> bool {
        let mut state = self.gather();
        let mut size = 0;
        while writes.len() < MOST_OPS
            && (writes.is_empty() || size < MOST_BYTES)
            && let Some(op) = state.ops.pop_front()
        {
            size += op.size;
            writes.push(op.write);
            replies.push(op.reply);
        }
        state.last = writes.len();
        !writes.is_empty()
    }

    /// Waits for operations, and under load for a moment until there are many; there are none at the end of all.
    fn gather(&self) -> MutexGuard<'_, State<W, R>> {
        let mut state = self.state();
        while state.open && state.ops.is_empty() {
            state.awaited = Some(1);
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let last = state.last;
        if last >= MANY && state.ops.len() < last {
            state.awaited = Some(last);
            let few = |state: &mut State<W, R>| state.open && state.ops.len() < last;
            state =
                self.wake.wait_timeout_while(state, MOMENT, few).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.awaited = None;
        state
    }

    fn state(&self) -> MutexGuard<'_, State<W, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Ending<'q, W, R>(&'q Queue<W, R>);

impl<W, R> Drop for Ending<'_, W, R> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open = false;
        // Dropping a reply tells its caller.
        let left = std::mem::take(&mut state.ops);
        drop(state);
        drop(left);
    }
}

const MOST_OPS: usize = 1024;
/// What makes it worth waiting for more.
const MANY: usize = 16;
const MOMENT: Duration = Duration::from_micros(500);
const MOST_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    fn op(write: u32, size: usize) -> Op<u32, u32> {
        Op { write, size, reply: write }
    }

    #[test]
    fn what_arrives_during_a_commit_is_the_next_one() {
        let queue = Queue::new();
        let (batches, seen) = mpsc::channel();
        let (go, gate) = mpsc::channel::<()>();
        let thread = thread::spawn({
            let queue = queue.clone();
            move || {
                queue.run(|writes, replies| {
                    assert_eq!(writes, replies);
                    batches.send(std::mem::take(writes)).unwrap();
                    gate.recv().unwrap();
                });
            }
        });
        queue.push(op(0, 1)).ok().unwrap();
        assert_eq!(seen.recv().unwrap(), [0]);
        for n in 1..=3 {
            queue.push(op(n, 1)).ok().unwrap();
        }
        go.send(()).unwrap();
        assert_eq!(seen.recv().unwrap(), [1, 2, 3]);
        queue.push(op(4, MOST_BYTES)).ok().unwrap();
        queue.push(op(5, 1)).ok().unwrap();
        queue.close();
        assert!(queue.push(op(6, 1)).is_err());
        go.send(()).unwrap();
        assert_eq!(seen.recv().unwrap(), [4]);
        go.send(()).unwrap();
        assert_eq!(seen.recv().unwrap(), [5]);
        go.send(()).unwrap();
        thread.join().unwrap();
    }
}
