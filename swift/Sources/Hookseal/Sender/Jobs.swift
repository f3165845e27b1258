import Foundation
internal import HooksealNative

/// Long jobs of a sender.
public struct Jobs: Sendable {
    let store: Store

    /// How far a job is.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: Int64) async throws -> Job {
        Job(native: try await answered { try await store.native.job(id: id) })
    }
}

/// A long job: delivering again what failed. It goes on in the background, across restarts too.
public struct Job: Hashable, Sendable {
    public let id: Int64
    /// It covers what failed at or after this time.
    public let since: Date
    public let createdAt: Date
    /// How many deliveries it covers.
    public let total: Int
    /// How many of them it has dealt with.
    public let done: Int
    /// How many it delivers again.
    public let retried: Int
    /// How many it passed over: reached by a retry since, or without body or active endpoint.
    public let skipped: Int
    public let isFinished: Bool

    init(native: RetryJob) {
        (id, since, createdAt) = (native.id, native.since, native.createdAt)
        (total, done) = (Int(clamping: native.total), Int(clamping: native.done))
        (retried, skipped) = (Int(clamping: native.retried), Int(clamping: native.skipped))
        isFinished = native.finished
    }
}
