//! Messages that were put into the store by somebody's own transaction.

use std::sync::Arc;

use super::engine::Engine;
use crate::error::{Code, Error, Kind, Result};
use crate::store::{OutboxRow, Write};

/// Makes messages of all rows. One that can never become a message is set aside with the reason.
pub(crate) async fn drain(engine: &Arc<Engine>) -> Result<()> {
    loop {
        let rows = engine.read(|store| store.outbox(PAGE)).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut waiting = Vec::with_capacity(rows.len());
        for row in &rows {
            waiting.push((row.seq, enqueue(engine, row).await?));
        }
        for (seq, answer) in waiting {
            let refused = match answer.await {
                Ok(Ok(_)) => continue,
                Ok(Err(error)) if error.kind() == Kind::Config => error,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(engine.refusal()),
            };
            // Somebody else was faster.
            if refused.code() != Code::NotFound {
                reject(engine, seq, &refused).await?;
            }
        }
    }
}

async fn enqueue(
    engine: &Arc<Engine>,
    row: &OutboxRow,
) -> Result<tokio::sync::oneshot::Receiver<Result<crate::store::Written>>> {
    match engine.carrier.draft(engine, row) {
        Ok(draft) => engine.enqueue(draft.write, draft.size, Some(draft.parcel), false).await,
        Err(error) => {
            tracing::warn!(seq = row.seq, %error, "a row of the outbox was rejected");
            let reject = Write::RejectOutbox { seq: row.seq, reason: error.to_string() };
            engine.enqueue(reject, 0, None, false).await
        }
    }
}

async fn reject(engine: &Arc<Engine>, seq: i64, error: &Error) -> Result<()> {
    tracing::warn!(seq, %error, "a row of the outbox was rejected");
    engine.submit(Write::RejectOutbox { seq, reason: error.to_string() }).await.map(drop)
}

const PAGE: usize = 256;
