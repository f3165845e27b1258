import Foundation
internal import HooksealNative

/// Tells events that were handled before, or are being handled, from new ones.
///
/// ```swift
/// let deduplicator = try Deduplicator("sqlite:handled.db")
/// try await deduplicator.once(event) { try await book(event) }
/// ```
public final class Deduplicator: Sendable {
    private let native: HooksealNative.Deduplicator

    /// `url` is `memory:` for one process, or `sqlite:path` for those of one machine. The thread waits for the disk.
    ///
    /// - Parameters:
    ///   - keep: How long an event that is done is remembered; seven days, or for as long as its provider retries if
    ///     that is longer, if not given.
    ///   - lease: For how long a claim holds if its holder dies; 60 seconds if not given. Longer than any handler takes.
    ///   - capacity: How many events `memory:` remembers at most; 100 000 if not given.
    ///   - namespace: Keeps apart what shares a store.
    /// - Throws: ``HooksealError`` `invalid_argument`; one of kind `store` for a store that is locked, damaged, not
    ///   writable or another program's.
    public init(
        _ url: String, keep: Duration? = nil, lease: Duration? = nil, capacity: Int? = nil, namespace: String = ""
    ) throws {
        let options = DeduplicatorOptions(
            keep: try keep?.crossing("keep"), lease: try lease?.crossing("lease"),
            capacity: try capacity.map { try narrow($0, "capacity") }, namespace: namespace)
        native = try calling { try HooksealNative.Deduplicator.open(url: url, options: options) }
    }

    /// Claims an event for the caller alone, by its id or, where its provider gives none, by its body.
    ///
    /// - Throws: ``HooksealError`` `duplicate_event` if it was done before (answer 2xx); `event_in_progress`, with
    ///   ``HooksealError/retryAfter``, if somebody else has it and is not done (answer 503); one of kind `store`;
    ///   `CancellationError` if the task was canceled before.
    public func claim(_ event: Event) async throws -> Claim {
        try Task.checkCancellation()
        return Claim(native: try await answered { try await native.claim(event: event.native) })
    }

    /// Calls the handler, unless the event was handled before: then it returns nil. If the handler throws, the event is
    /// free again, and it throws the same.
    ///
    /// - Throws: What the handler throws; ``HooksealError`` `event_in_progress`, or one of kind `store`: `claim_lost`
    ///   if the lease ran out meanwhile and somebody else has claimed the event; `CancellationError` if the task was
    ///   canceled before. Canceled meanwhile, it is the handler that ends early or not.
    @discardableResult
    public func once<Value: Sendable>(
        _ event: Event, isolation: isolated (any Actor)? = #isolation, _ handler: () async throws -> Value
    ) async throws -> Value? {
        let claim: Claim
        do {
            claim = try await self.claim(event)
        } catch let error as HooksealError where error.code == .duplicateEvent {
            return nil
        }
        do {
            let value = try await handler()
            try await claim.done()
            return value
        } catch {
            // If it cannot be released it ends with its lease; what was thrown says more.
            try? await claim.release()
            throw error
        }
    }

    /// Closes its file. Claims that are held end with their leases.
    public func shutdown() async throws {
        try await answered { try await native.shutdown() }
    }
}

/// The right to handle an event, which nobody else has meanwhile. A claim that is gone without having been done is
/// released.
public struct Claim: Sendable {
    private let native: HooksealNative.Claim

    init(native: HooksealNative.Claim) {
        self.native = native
    }

    /// The event was handled: from now on, it is a duplicate.
    ///
    /// - Throws: ``HooksealError`` `claim_lost` if the lease ran out and somebody else has claimed the event since.
    public func done() async throws {
        try await answered { try await native.done() }
    }

    /// The event was not handled: whoever asks next gets it.
    public func release() async throws {
        try await answered { try await native.release() }
    }

    /// Has the lease begin anew, for handlers that take longer.
    ///
    /// - Throws: ``HooksealError`` `claim_lost` if it ran out and somebody else has claimed the event since.
    public func extend() async throws {
        try await answered { try await native.extend() }
    }

    /// For how long it holds, from when it was made or extended.
    public var lease: Duration {
        get throws { Duration(crossed: try calling { try native.lease() }) }
    }
}
