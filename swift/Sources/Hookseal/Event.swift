import Foundation
internal import HooksealNative

/// A webhook's event: what ``Webhook/verify(_:_:now:url:method:)-swift.method`` returns, and what a ``Provider`` makes to be delivered.
public struct Event: Sendable {
    /// The event's id, the same on every delivery of it, if the provider gives one.
    public let id: String?
    /// The event's type, such as `booking.created`, if the request says.
    public let type: String?
    /// When the event happened or, if it does not say, when the request was signed.
    public let timestamp: Date?
    /// The customer, team or organisation that the event belongs to, where the provider names one.
    public let tenant: String?
    /// The raw body, byte by byte as it was signed.
    public let body: Data
    /// Which of the secrets it was signed with; 0 is the newest.
    public let keyIndex: Int
    let native: HooksealNative.Event

    init(native: HooksealNative.Event) throws {
        let facts = try calling { try native.facts() }
        self.native = native
        (id, type, timestamp, tenant) = (facts.id, facts.eventType, facts.timestamp, facts.tenant)
        (body, keyIndex) = (try calling { try native.body() }, Int(facts.keyIndex))
    }

    /// The event's data, taken out of its envelope.
    ///
    /// - Throws: ``HooksealError`` `invalid_payload` if the body is not JSON or has no data; what the decoder throws
    ///   for data of another shape.
    public func data<Value: Decodable>(
        as type: Value.Type = Value.self, decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try decoder.decode(type, from: Data(try dataJSON.utf8))
    }

    /// The whole body as JSON, envelope included.
    ///
    /// - Throws: ``HooksealError`` `invalid_payload` if the body is not JSON; what the decoder throws for one of
    ///   another shape.
    public func payload<Value: Decodable>(
        as type: Value.Type = Value.self, decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try decoder.decode(type, from: Data(try payloadJSON.utf8))
    }

    /// The JSON of the event's data, as it came.
    ///
    /// - Throws: ``HooksealError`` `invalid_payload`.
    public var dataJSON: String {
        get throws { try calling { try native.data() } }
    }

    /// The JSON of the whole body, as it came.
    ///
    /// - Throws: ``HooksealError`` `invalid_payload`.
    public var payloadJSON: String {
        get throws { try calling { try native.payload() } }
    }
}

extension Event: CustomStringConvertible, CustomReflectable {
    /// Says what happened and not to whom: the body is the customer's.
    public var description: String { "Event(id: \(id ?? "nil"), type: \(type ?? "nil"))" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id as Any, "type": type as Any]) }
}
