//! The one thread that writes: what arrives while a commit runs is the next commit.
//!
//! There is no timer. A lone operation is committed at once; under load, batches grow to what arrives in the
//! time of a sync. Callers are held back before they get here by the engine.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
    /// Whether the thread sleeps; waking one that does not costs a system call for nothing.
    asleep: bool,
}

impl<W, R> Queue<W, R> {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { ops: VecDeque::new(), open: true, asleep: false };
        Arc::new(Self { state: Mutex::new(state), wake: Condvar::new() })
    }

    /// Adds an operation, or gives it back if the queue is closed.
    pub(crate) fn push(&self, op: Op<W, R>) -> Result<(), Op<W, R>> {
        let mut state = self.state();
        if !state.open {
            return Err(op);
        }
        state.ops.push_back(op);
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
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

    /// Commits batches until the queue is closed and empty. `commit` gets the writes and whom to tell, in the
    /// same order.
    pub(crate) fn run(&self, mut commit: impl FnMut(Vec<W>, Vec<R>)) {
        // Should a commit panic, nobody waits for answers that cannot come.
        let _ending = Ending(self);
        while let Some((writes, replies)) = self.take() {
            super::span::commit(writes.len()).in_scope(|| commit(writes, replies));
        }
    }

    fn take(&self) -> Option<(Vec<W>, Vec<R>)> {
        let mut state = self.state();
        while state.ops.is_empty() {
            if !state.open {
                return None;
            }
            state.asleep = true;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.asleep = false;
        let (mut writes, mut replies) = (Vec::new(), Vec::new());
        let mut size = 0;
        while writes.len() < MOST_OPS
            && (writes.is_empty() || size < MOST_BYTES)
            && let Some(op) = state.ops.pop_front()
        {
            size += op.size;
            writes.push(op.write);
            replies.push(op.reply);
        }
        Some((writes, replies))
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
                    batches.send(writes).unwrap();
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
