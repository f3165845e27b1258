internal import HooksealNative

extension Inbox {
    /// The inbox in numbers.
    public func stats() async throws -> InboxStats {
        InboxStats(native: try await answered { try await store.native.stats() })
    }

    /// The inbox in numbers, as the text that Prometheus reads.
    public func prometheus() async throws -> String {
        try await answered { try await store.native.prometheus() }
    }
}

/// The inbox in numbers: counters since it was opened, and gauges of this moment.
public struct InboxStats: Hashable, Sendable {
    /// Events that were stored.
    public let received: Int
    /// Events that had been received before.
    public let duplicates: Int
    /// Tries that succeeded.
    public let triesSucceeded: Int
    /// Tries that did not.
    public let triesFailed: Int
    /// Events that were handled.
    public let handled: Int
    /// Events that failed for good.
    public let failed: Int
    /// Events that a handler discarded, or that had none.
    public let discarded: Int
    /// Failed tries that are repeated.
    public let retried: Int
    /// Commits of the store, and …
    public let commits: Int
    /// … operations in them.
    public let committed: Int
    /// Commits that failed.
    public let commitErrors: Int
    /// Handlers that run now.
    public let inFlight: Int
    /// Tries that ended and whose outcome is not stored yet.
    public let unsettled: Int
    /// Operations that wait for their commit.
    public let queued: Int
    /// Events that wait to be handled.
    public let pending: Int
    /// Whether this process is the one that handles.
    public let isHandling: Bool

    init(native: HooksealNative.InboxStats) {
        (received, duplicates) = (Int(clamping: native.received), Int(clamping: native.duplicates))
        triesSucceeded = Int(clamping: native.triesSucceeded)
        triesFailed = Int(clamping: native.triesFailed)
        (handled, failed) = (Int(clamping: native.handled), Int(clamping: native.failed))
        (discarded, retried) = (Int(clamping: native.discarded), Int(clamping: native.retried))
        (commits, committed) = (Int(clamping: native.commits), Int(clamping: native.committed))
        (commitErrors, inFlight) = (Int(clamping: native.commitErrors), Int(clamping: native.inFlight))
        (unsettled, queued) = (Int(clamping: native.unsettled), Int(clamping: native.queued))
        (pending, isHandling) = (Int(clamping: native.pending), native.handling)
    }
}
