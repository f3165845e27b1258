import Foundation
internal import HooksealNative

extension Sender {
    /// What successful deliveries cost.
    ///
    /// - Parameters:
    ///   - since: From this time; from the beginning if not given.
    ///   - until: Until before this time; to the end if not given.
    public func usage(tenant: String? = nil, since: Date? = nil, until: Date? = nil) async throws -> Usage {
        let from = try (since ?? Date(timeIntervalSince1970: 0)).crossing("since")
        let to = try (until ?? Date(timeIntervalSince1970: 253_402_300_799)).crossing("until")
        let usage = try await answered { try await native.usage(tenant: tenant, since: from, until: to) }
        return Usage(deliveries: Int(clamping: usage.deliveries), credits: Int(clamping: usage.credits))
    }

    /// The sender in numbers.
    public func stats() async throws -> Stats {
        Stats(native: try await answered { try await native.stats() })
    }

    /// The sender in numbers, as the text that Prometheus reads.
    public func prometheus() async throws -> String {
        try await answered { try await native.prometheus() }
    }
}

/// What successful deliveries cost.
public struct Usage: Hashable, Sendable {
    /// Successful deliveries that cost something.
    public let deliveries: Int
    public let credits: Int
}

/// The sender in numbers: counters since it was opened, and gauges of this moment.
public struct Stats: Hashable, Sendable {
    /// Messages that were stored.
    public let sent: Int
    /// Messages that were there already.
    public let duplicates: Int
    /// Attempts that were answered 2xx.
    public let attemptsSucceeded: Int
    /// Attempts that were not.
    public let attemptsFailed: Int
    /// Deliveries that succeeded.
    public let delivered: Int
    /// Deliveries that failed for good.
    public let failed: Int
    /// Failed attempts that are tried again.
    public let retried: Int
    /// Endpoints that were disabled by failures or by their receiver.
    public let disabled: Int
    /// Commits of the store, and …
    public let commits: Int
    /// … operations in them.
    public let committed: Int
    /// Commits that failed.
    public let commitErrors: Int
    /// Requests on their way now.
    public let inFlight: Int
    /// Attempts that ended and whose outcome is not stored yet.
    public let unsettled: Int
    /// Operations that wait for their commit.
    public let queued: Int
    /// Deliveries in the store that wait for an attempt.
    public let pending: Int
    /// Deliveries in the store that are held because their endpoint is disabled.
    public let held: Int
    /// Whether this process is the one that delivers.
    public let isDispatching: Bool

    init(native: HooksealNative.Stats) {
        (sent, duplicates) = (Int(clamping: native.sent), Int(clamping: native.duplicates))
        attemptsSucceeded = Int(clamping: native.attemptsSucceeded)
        attemptsFailed = Int(clamping: native.attemptsFailed)
        (delivered, failed) = (Int(clamping: native.delivered), Int(clamping: native.failed))
        (retried, disabled) = (Int(clamping: native.retried), Int(clamping: native.disabled))
        (commits, committed) = (Int(clamping: native.commits), Int(clamping: native.committed))
        (commitErrors, inFlight) = (Int(clamping: native.commitErrors), Int(clamping: native.inFlight))
        (unsettled, queued) = (Int(clamping: native.unsettled), Int(clamping: native.queued))
        (pending, held) = (Int(clamping: native.pending), Int(clamping: native.held))
        isDispatching = native.dispatching
    }
}
