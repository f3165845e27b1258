import Foundation
internal import HooksealNative

/// Receives events durably: what ``receive(_:_:now:url:method:)-swift.method`` returned for is handled, whatever happens
/// to the process.
///
/// ```swift
/// let inbox = try Inbox("sqlite:inbox.db", webhook)
/// try inbox.on("booking.*") { event, handling in
///     try await rooms.reserve(event.data(as: Booking.self), handling.idempotencyKey)
/// }
/// try await inbox.start()
/// let receipt = try await inbox.receive(body, headers)
/// ```
///
/// Several processes may open one store: all of them may receive, and of those that were started one handles; when it
/// ends or dies, another takes over. An inbox that nobody holds any more shuts down: what was not handled is when the
/// store is opened again. A handler that uses the inbox holds it, too, until it is shut down.
public final class Inbox: Sendable {
    /// The log of what was received, and trying again.
    public let events: Events
    /// How far long jobs are.
    public let jobs: EventJobs
    /// What requests are verified with.
    public let webhook: Webhook
    /// How many bytes a body may have.
    public let maxBody: Int
    let store: InboxStore
    private let orderBy: (@Sendable (Event) throws -> String?)?

    /// Opens a store: `url` is `sqlite:path`, or `memory:` for one that forgets. It is the inbox's own: a sender needs
    /// another. The thread waits for the disk.
    ///
    /// - Parameters:
    ///   - concurrency: The most handlers that run at once in this process; 64 if not given.
    ///   - timeout: How long a try may take; 60 seconds if not given.
    ///   - retry: When to try again; 8 times in about 21 hours if not given.
    ///   - retention: How long things are kept.
    ///   - tolerance: How old or how far ahead a timestamp may be; the webhook's word if not given.
    ///   - maxBody: The largest body in bytes; 1 MiB if not given.
    ///   - orderBy: The key of an event, if it has one: those of one key are handled one after the other, in the order in
    ///     which they were received. It must be quick: whoever receives waits for it.
    /// - Throws: ``HooksealError`` `invalid_argument`; one of kind `store` for a store that is locked, damaged, not
    ///   writable, a sender's or another program's.
    public init(
        _ url: String, _ webhook: Webhook, concurrency: Int? = nil, timeout: Duration? = nil,
        retry: RetryPolicy? = nil, retention: EventRetention = .standard, tolerance: Tolerance? = nil,
        maxBody: Int? = nil, orderBy: (@Sendable (Event) throws -> String?)? = nil
    ) throws {
        let options = InboxOptions(
            concurrency: try concurrency.map { try narrow($0, "concurrency") },
            timeout: try timeout?.crossing("timeout"),
            retry: try retry?.crossing(),
            retention: try retention.crossing(),
            past: try tolerance?.past.crossing("tolerance.past"),
            future: try tolerance?.future.crossing("tolerance.future"),
            maxBody: try maxBody.map { try narrow($0, "maxBody") }
        )
        let native = try calling {
            try HooksealNative.Inbox.open(url: url, webhook: webhook.native, options: options)
        }
        let runner = Runner(timeout: Duration(crossed: try calling { try native.timeout() }))
        let store = InboxStore(native, runner)
        (self.store, self.webhook, self.orderBy) = (store, webhook, orderBy)
        (events, jobs) = (Events(store: store), EventJobs(store: store))
        self.maxBody = Int(clamping: try calling { try native.maxBody() })
    }

    /// Has this handler run for events of these types: an exact one, `booking.*`, or `*` for all. It gets the event, and
    /// which try it is. Whatever it throws is a failed try; ``RetryIn`` and ``Discard`` say more. When its time is over
    /// its task is canceled, and the event is tried again after it has returned.
    ///
    /// An event has one handler, the first that wants it. Register all before `start`: an event that has none in the
    /// process that takes it up is discarded.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for a pattern that makes no sense.
    @discardableResult
    public func on(
        _ pattern: String, _ handler: @escaping @Sendable (Event, Handling) async throws -> Void
    ) throws -> Self {
        let tries = Tries(of: handler, on: store.runner)
        try calling { try store.native.register(pattern: pattern, handler: tries) }
        return self
    }

    /// Verifies a request, and stores its event unless it was received before. It is durable when this returns: answer
    /// 2xx then, also to a duplicate. Takes what ``Webhook/verify(_:_:now:url:method:)-swift.method`` takes.
    ///
    /// A task that is canceled before stores nothing. One that is canceled meanwhile gets its receipt all the same.
    ///
    /// - Throws: ``HooksealError`` of kind `verification` if it is not to be trusted, or larger than ``maxBody``; one of
    ///   kind `store` if it cannot be stored; `closed`. ``HooksealError/refusal`` is what to answer. What `orderBy`
    ///   throws; `CancellationError`.
    @discardableResult
    public func receive(
        _ body: some DataProtocol, _ headers: RequestHeaders, now: Date? = nil, url: String? = nil,
        method: String? = nil
    ) async throws -> Receipt {
        try Task.checkCancellation()
        let options = RequestOptions(now: try now?.crossing("now"), url: url, method: method)
        let (bytes, lines) = (Data(body), headers.lines)
        guard let orderBy else {
            return Receipt(
                try await answered {
                    try await store.native.receive(body: bytes, headers: lines, options: options)
                })
        }
        let received = try calling { try store.native.verify(body: bytes, headers: lines, options: options) }
        let key = try orderBy(Event(native: calling { try received.event() }))
        return Receipt(try await answered { try await store.native.keep(received: received, orderKey: key) })
    }

    /// The same for headers of which each is there once.
    @discardableResult
    public func receive(
        _ body: some DataProtocol, _ headers: [String: String], now: Date? = nil, url: String? = nil,
        method: String? = nil
    ) async throws -> Receipt {
        try await receive(body, RequestHeaders(headers), now: now, url: url, method: method)
    }

    /// The notices that nobody has acknowledged, and then those to come; each is acknowledged when the next one is asked
    /// for. Ends when the inbox is shut down. To acknowledge a notice is to acknowledge those before it.
    public func notices() -> EventNotices {
        EventNotices(store: store)
    }

    /// Begins to handle, in the background; more calls change nothing.
    public func start() async throws {
        try await answered { try await store.native.start() }
    }

    /// Waits until no event is pending; false if that takes longer than `timeout`. With retries ahead, it can take days.
    ///
    /// - Throws: `CancellationError`, and what was pending stays so.
    @discardableResult
    public func waitIdle(timeout: Duration? = nil) async throws -> Bool {
        let limit = try timeout?.crossing("timeout")
        return try await awaited { try await store.native.waitIdle(timeout: limit, cancellation: $0) }
    }

    /// Stops: nothing more is received, and handlers that run get ten seconds to end; then their tasks are canceled.
    /// What was not handled is when the store is opened again. More calls wait for the first.
    public func shutdown() async throws {
        defer { store.runner.end() }
        try await answered { try await store.native.shutdown() }
    }
}

/// An event that is stored, and will be handled whatever happens to the process.
public struct Receipt: Hashable, Sendable {
    /// The event's id, or `sha256:` and the hash of the body where the provider gives none.
    public let id: String
    /// Whether it was received before: then nothing was stored now, and it is not handled again.
    public let isDuplicate: Bool

    init(_ native: HooksealNative.Receipt) {
        (id, isDuplicate) = (native.id, native.duplicate)
    }
}

/// The store that an inbox and its parts share; it is closed when the last of them is gone.
final class InboxStore: Sendable {
    let native: HooksealNative.Inbox
    let runner: Runner

    init(_ native: HooksealNative.Inbox, _ runner: Runner) {
        (self.native, self.runner) = (native, runner)
    }

    deinit {
        let (native, runner) = (native, runner)
        Task.detached {
            try? await native.shutdown()
            runner.end()
        }
    }
}
