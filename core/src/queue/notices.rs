//! What the owners of endpoints must be told: stored with what caused it, and kept until it is acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;

use super::engine::Engine;
use crate::error::Result;
use crate::store::{Notice, Write};

/// The notices that nobody has acknowledged, from the oldest, and then those to come.
///
/// Each reader sees all of them; one that comes back after a crash begins with the oldest that was not
/// acknowledged.
pub struct Notices {
    engine: Arc<Engine>,
    seen: i64,
    page: VecDeque<Notice>,
    signal: watch::Receiver<u64>,
}

impl Notices {
    pub(crate) fn new(engine: &Arc<Engine>) -> Self {
        let signal = engine.noticed.subscribe();
        Self { engine: Arc::clone(engine), seen: 0, page: VecDeque::new(), signal }
    }

    /// The next notice, as soon as there is one.
    ///
    /// # Errors
    /// `closed`, and those of the store.
    pub async fn next(&mut self) -> Result<Notice> {
        loop {
            if let Some(notice) = self.try_next().await? {
                return Ok(notice);
            }
            if self.engine.closed.load(Ordering::Acquire) {
                return Err(self.engine.refusal());
            }
            // Another process may be the one who delivers, and so who makes them.
            let _ = tokio::time::timeout(LOOK_AGAIN, self.signal.changed()).await;
        }
    }

    /// The next notice, if there is one now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn try_next(&mut self) -> Result<Option<Notice>> {
        if self.page.is_empty() {
            self.signal.mark_unchanged();
            let seen = self.seen;
            self.page = self.engine.read(move |store| store.notices(seen, PAGE)).await?.into();
        }
        let next = self.page.pop_front();
        if let Some(notice) = &next {
            self.seen = notice.seq;
        }
        Ok(next)
    }

    /// Deletes this notice and those before it: they were dealt with.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ack(&self, notice: &Notice) -> Result<()> {
        self.ack_upto(notice.seq).await
    }

    pub(crate) async fn ack_upto(&self, upto: i64) -> Result<()> {
        self.engine.submit(Write::AckNotices { upto }).await.map(drop)
    }
}

const PAGE: usize = 100;
const LOOK_AGAIN: Duration = Duration::from_secs(1);
