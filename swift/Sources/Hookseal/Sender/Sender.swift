import Foundation
internal import HooksealNative

/// Sends events durably: what ``send(_:_:id:tenant:timestamp:)`` returned for is delivered, whatever happens to the
/// process.
///
/// ```swift
/// let sender = try Sender("sqlite:hooks.db", provider: .builtin("webkasa"))
/// let endpoint = try await sender.endpoints.create(url, events: ["booking.*"])
/// try await sender.start()
/// try await sender.send("booking.created", Booking(id: "bk_xyz789"))
/// ```
///
/// Several processes may open one store: all of them may send, and of those that were started one delivers; when it
/// ends or dies, another takes over. A sender that nobody holds any more shuts down: what was not delivered is when the
/// store is opened again.
public final class Sender: Sendable {
    /// Who gets events.
    public let endpoints: Endpoints
    /// The log, and delivering once more.
    public let deliveries: Deliveries
    /// How far long jobs are.
    public let jobs: Jobs
    /// What was sent.
    public let messages: Messages
    /// Whose conventions are followed.
    public let provider: Provider
    let store: Store
    var native: HooksealNative.Sender { store.native }

    /// Opens a store: `url` is `sqlite:path`, or `memory:` for one that forgets. The thread waits for the disk.
    ///
    /// - Parameters:
    ///   - provider: The conventions to send by; Standard Webhooks if not given.
    ///   - key: Seals the secrets and headers of endpoints in the store; without it they are stored in the clear.
    ///   - allowHTTP: Whether plain http is allowed.
    ///   - allowPrivate: Which private addresses are allowed.
    ///   - caCertificates: Certificate authorities in PEM to trust besides the public ones.
    ///   - strict: Whether events that are not in the provider's catalog are refused.
    ///   - maxBody: The largest body in bytes; 1 MiB if not given.
    ///   - concurrency: The most requests on their way at once; 256 if not given.
    ///   - retention: How long things are kept.
    ///   - transport: Who makes the requests, such as a ``URLSessionTransport``; Hookseal itself if not given.
    /// - Throws: ``HooksealError`` `invalid_argument`; `invalid_secret` if the key is not the store's; one of kind
    ///   `store` for a store that is locked, damaged, not writable or another program's.
    public init(
        _ url: String, provider: Provider = .standard, key: Secret? = nil, allowHTTP: Bool = false,
        allowPrivate: AllowPrivate = false, caCertificates: Data? = nil, strict: Bool = false,
        maxBody: Int? = nil, concurrency: Int? = nil, retention: Retention = .standard,
        transport: (any Transport)? = nil
    ) throws {
        let options = SenderOptions(
            allowHttp: allowHTTP,
            allowPrivate: allowPrivate.crossing,
            caCertificates: caCertificates,
            strict: strict,
            maxBody: try maxBody.map { try narrow($0, "maxBody") },
            concurrency: try concurrency.map { try narrow($0, "concurrency") },
            retention: try retention.crossing()
        )
        let native = try calling {
            try HooksealNative.Sender.open(
                url: url, provider: provider.native, key: key?.native, options: options,
                transport: transport.map(Carrier.init))
        }
        let store = Store(native)
        (self.store, self.provider) = (store, provider)
        (endpoints, deliveries) = (Endpoints(store: store), Deliveries(store: store))
        (jobs, messages) = (Jobs(store: store), Messages(store: store))
    }

    /// Stores an event for every active endpoint that wants it; it is durable when this returns. `data` is anything
    /// that is written as JSON; dates are in ISO 8601.
    ///
    /// A task that is canceled before stores nothing. One that is canceled meanwhile gets its message all the same:
    /// the event is stored, and will be delivered.
    ///
    /// - Parameters:
    ///   - id: The event's id; made if not given. The same id again is the first message again.
    ///   - tenant: Whose event it is: it goes to this tenant's endpoints and to those of none.
    ///   - timestamp: When it happened; now if not given.
    /// - Throws: ``HooksealError`` `conflict` if there is a message of this id with another type or data;
    ///   `payload_too_large`, `unknown_event_type`, `invalid_argument`, `closed`, or one of kind `store`;
    ///   `CancellationError`.
    @discardableResult
    public func send(
        _ type: String, _ data: some Encodable, id: String? = nil, tenant: String? = nil, timestamp: Date? = nil
    ) async throws -> Message {
        try await send(NewMessage(type, data, id: id, tenant: tenant, timestamp: timestamp))
    }

    /// The same with data that is JSON already, and is written as it is.
    @discardableResult
    public func send(
        _ type: String, json data: String, id: String? = nil, tenant: String? = nil, timestamp: Date? = nil
    ) async throws -> Message {
        try await send(NewMessage(type, json: data, id: id, tenant: tenant, timestamp: timestamp))
    }

    /// Stores many events in few commits. Each has a result of its own, in the same order.
    ///
    /// - Throws: `CancellationError` if the task was canceled before.
    @discardableResult
    public func sendMany(_ messages: [NewMessage]) async throws -> [Result<Message, HooksealError>] {
        try Task.checkCancellation()
        let outgoing = try messages.map { try $0.crossing() }
        return try await answered { try await native.sendMany(messages: outgoing) }.map { sent in
            if let failure = sent.failure { return .failure(HooksealError(failure)) }
            guard let message = sent.message else {
                return .failure(.invalidArgument("The message has neither been stored nor refused."))
            }
            return .success(Message(native: message))
        }
    }

    /// The catalog's example of a type of event. Nothing is stored or sent.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` if the catalog has none.
    public func example(_ type: String) throws -> Event {
        try Event(native: try calling { try native.example(eventType: type) })
    }

    /// The notices that nobody has acknowledged, and then those to come; each is acknowledged when the next one is asked
    /// for. Ends when the sender is shut down. To acknowledge a notice is to acknowledge those before it.
    public func notices() -> Notices {
        Notices(store: store)
    }

    /// Begins to deliver, in the background; more calls change nothing.
    public func start() async throws {
        try await answered { try await native.start() }
    }

    /// Waits until no delivery is pending; false if that takes longer than `timeout`. With retries ahead, it can take
    /// days.
    ///
    /// - Throws: `CancellationError`, and what was pending stays so.
    @discardableResult
    public func waitIdle(timeout: Duration? = nil) async throws -> Bool {
        let limit = try timeout?.crossing("timeout")
        return try await awaited { try await native.waitIdle(timeout: limit, cancellation: $0) }
    }

    /// Stops: sends are refused, and requests on their way get ten seconds to end. What was not delivered is when the
    /// store is opened again. More calls wait for the first.
    public func shutdown() async throws {
        try await answered { try await native.shutdown() }
    }

    private func send(_ message: NewMessage) async throws -> Message {
        try Task.checkCancellation()
        let outgoing = try message.crossing()
        return Message(native: try await answered { try await native.send(message: outgoing) })
    }
}

/// The store that a sender and its parts share; it is closed when the last of them is gone.
final class Store: Sendable {
    let native: HooksealNative.Sender

    init(_ native: HooksealNative.Sender) {
        self.native = native
    }

    deinit {
        let native = native
        Task.detached { try? await native.shutdown() }
    }
}
