import Foundation
internal import HooksealNative

/// The published conventions of one webhook vendor: signature, envelope, delivery policy and catalog of events.
public struct Provider: Sendable {
    /// The name it is asked for by, such as `stripe`.
    public let id: String
    /// The name for people, such as `Stripe`.
    public let name: String
    /// Where its facts come from.
    public let sources: [String]
    /// How good those sources are.
    public let confidence: String
    /// What a receiver should know besides.
    public let notes: String?
    /// How long one attempt to deliver may take.
    public let timeout: Duration
    /// Whether events go to https only.
    public let httpsOnly: Bool
    /// Whether endpoints without a secret get unsigned requests.
    public let secretOptional: Bool
    /// What a successful delivery costs.
    public let credits: Int
    /// Whether the vendor asks an endpoint to prove that it is its owner's: then answer with ``handshake(_:_:verifyToken:now:url:method:)``.
    public let hasHandshake: Bool
    /// When a failed delivery is tried again.
    public let retry: RetryPolicy
    /// The kinds of event in its catalog; none where the vendor's is not known.
    public let events: [EventType]
    let native: HooksealNative.Provider

    init(native: HooksealNative.Provider) throws {
        let facts = try calling { try native.facts() }
        self.native = native
        (id, name, sources, confidence) = (facts.id, facts.name, facts.sources, facts.confidence)
        (notes, timeout, httpsOnly) = (facts.notes, Duration(crossed: facts.timeout), facts.httpsOnly)
        (secretOptional, credits) = (facts.secretOptional, Int(facts.credits))
        (hasHandshake, retry) = (facts.hasHandshake, RetryPolicy(native: facts.retry))
        events = facts.eventTypes.map(EventType.init(native:))
    }

    /// The built-in provider of this name.
    ///
    /// - Throws: ``HooksealError`` `unknown_provider`.
    public static func builtin(_ id: String) throws -> Provider {
        try Provider(native: try calling { try HooksealNative.Provider.builtin(id: id) })
    }

    /// A provider of your own, in the format of the built-in ones.
    ///
    /// - Throws: ``HooksealError`` `invalid_provider`.
    public static func fromTOML(_ text: String) throws -> Provider {
        try Provider(native: try calling { try HooksealNative.Provider.fromToml(text: text) })
    }

    /// A provider of your own, from a file.
    ///
    /// - Throws: ``HooksealError`` `invalid_provider`.
    public static func load(_ path: String) throws -> Provider {
        try Provider(native: try calling { try HooksealNative.Provider.load(path: path) })
    }

    /// Standard Webhooks, which is what is spoken where no provider is given.
    public static let standard: Provider = {
        do {
            return try .builtin("standard")
        } catch {
            fatalError("Standard Webhooks is built in: \(error)")
        }
    }()

    /// An event as this provider writes it, ready to be signed or delivered. `data` is anything that is written as
    /// JSON; dates are in ISO 8601.
    ///
    /// - Parameters:
    ///   - id: The event's id; made if not given.
    ///   - timestamp: When it happened; now if not given.
    ///   - tenant: Whose event it is, for providers that say so.
    /// - Throws: ``HooksealError`` `invalid_argument` for data that JSON cannot hold.
    public func event(
        _ type: String, _ data: some Encodable, id: String? = nil, timestamp: Date? = nil, tenant: String? = nil
    ) throws -> Event {
        try event(type, json: try json(data), id: id, timestamp: timestamp, tenant: tenant)
    }

    /// The same with data that is JSON already, and is written as it is.
    public func event(
        _ type: String, json data: String, id: String? = nil, timestamp: Date? = nil, tenant: String? = nil
    ) throws -> Event {
        let at = try timestamp?.crossing("timestamp")
        return try Event(
            native: try calling {
                try native.event(eventType: type, data: data, id: id, timestamp: at, tenant: tenant)
            })
    }

    /// The example of an event from the catalog, with nothing sent.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` if the catalog has no event of this type.
    public func example(_ type: String) throws -> Event {
        try Event(native: try calling { try native.example(eventType: type) })
    }

    /// What to answer where the vendor asks whose the endpoint is, and no secret is needed for it; nil if the request
    /// is no such question.
    ///
    /// - Throws: ``HooksealError`` of kind `verification` if the request is not to be trusted.
    public func handshake(
        _ body: some DataProtocol, _ headers: RequestHeaders, verifyToken: String? = nil, now: Date? = nil,
        url: String? = nil, method: String? = nil
    ) throws -> HandshakeAnswer? {
        let options = RequestOptions(now: try now?.crossing("now"), url: url, method: method)
        let answer = try calling {
            try native.handshake(
                body: Data(body), headers: headers.lines, options: options, verifyToken: verifyToken)
        }
        return answer.map(HandshakeAnswer.init(native:))
    }
}

extension Provider: CustomStringConvertible {
    public var description: String { "Provider(\(id))" }
}

/// The built-in providers.
public func providers() throws -> [Provider] {
    try calling { try providerIds() }.map(Provider.builtin)
}

/// A kind of event in a provider's catalog.
public struct EventType: Hashable, Sendable {
    /// Such as `booking.created`.
    public let name: String
    /// What it tells, in a sentence.
    public let description: String
    /// The JSON of an example of the event's data, if the catalog has one.
    public let example: String?

    init(native: HooksealNative.EventType) {
        (name, description, example) = (native.name, native.description, native.example)
    }
}
