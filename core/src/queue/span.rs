//! The span of a commit; what an attempt's is called is its carrier's.

use tracing::Span;

/// A batch on its way to disk.
pub(crate) fn commit(operations: usize) -> Span {
    tracing::debug_span!("commit", operations)
}
