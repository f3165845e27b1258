import Foundation
internal import HooksealNative

/// Messages of a sender: what was sent.
public struct Messages: Sendable {
    let store: Store

    /// A message by the event's id, which is unique within its tenant.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: String, tenant: String? = nil) async throws -> StoredMessage {
        try await get(.id(id: id, tenant: tenant))
    }

    /// A message by its number in the store.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(key: Int64) async throws -> StoredMessage {
        try await get(.key(key: key))
    }

    /// Deletes what the message says and what receivers answered to it, now, and cancels what is pending. False if its
    /// body was gone already.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    @discardableResult
    public func expunge(_ id: String, tenant: String? = nil) async throws -> Bool {
        try await answered { try await store.native.expunge(name: .id(id: id, tenant: tenant)) }
    }

    /// The same for a message by its number in the store.
    @discardableResult
    public func expunge(key: Int64) async throws -> Bool {
        try await answered { try await store.native.expunge(name: .key(key: key)) }
    }

    private func get(_ name: MessageName) async throws -> StoredMessage {
        StoredMessage(native: try await answered { try await store.native.message(name: name) })
    }
}

/// A message for ``Sender/sendMany(_:)``.
public struct NewMessage: Sendable {
    public let type: String
    public let id: String?
    public let tenant: String?
    public let timestamp: Date?
    private let data: String

    /// `data` is anything that is written as JSON; the rest is as for ``Sender/send(_:_:id:tenant:timestamp:)``.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for data that JSON cannot hold.
    public init(
        _ type: String, _ data: some Encodable, id: String? = nil, tenant: String? = nil, timestamp: Date? = nil
    ) throws {
        self.init(type, json: try json(data), id: id, tenant: tenant, timestamp: timestamp)
    }

    /// The same with data that is JSON already, and is written as it is.
    public init(
        _ type: String, json data: String, id: String? = nil, tenant: String? = nil, timestamp: Date? = nil
    ) {
        (self.type, self.data, self.id) = (type, data, id)
        (self.tenant, self.timestamp) = (tenant, timestamp)
    }

    func crossing() throws -> Outgoing {
        let at = try timestamp?.crossing("timestamp")
        return Outgoing(eventType: type, data: data, id: id, tenant: tenant, timestamp: at)
    }
}

/// A message that is stored, and will be delivered whatever happens to the process.
public struct Message: Hashable, Sendable {
    /// Its number in the store.
    public let key: Int64
    /// The event's id, the same on every delivery.
    public let id: String
    public let type: String
    public let tenant: String?
    /// When the event happened.
    public let timestamp: Date
    /// When it was stored.
    public let createdAt: Date
    /// Whether it was sent before: then nothing was stored now.
    public let isDuplicate: Bool
    /// The ids of its deliveries, one for every endpoint that wants it; none for a duplicate.
    public let deliveries: [Int64]

    init(native: HooksealNative.Message) {
        (key, id, type, tenant) = (native.key, native.id, native.eventType, native.tenant)
        (timestamp, createdAt) = (native.timestamp, native.createdAt)
        (isDuplicate, deliveries) = (native.duplicate, native.deliveries)
    }
}

/// A message as it is stored.
public struct StoredMessage: Hashable, Sendable {
    /// Its number in the store.
    public let key: Int64
    /// The event's id, the same on every delivery.
    public let id: String
    public let type: String
    public let tenant: String?
    /// When the event happened.
    public let timestamp: Date
    /// When it was stored.
    public let createdAt: Date
    /// The exact bytes that are delivered, unless they were expunged or too old to be kept.
    public let body: Data?

    init(native: HooksealNative.StoredMessage) {
        (key, id, type, tenant) = (native.key, native.id, native.eventType, native.tenant)
        (timestamp, createdAt, body) = (native.timestamp, native.createdAt, native.body)
    }
}
