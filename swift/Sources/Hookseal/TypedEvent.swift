import Foundation
internal import HooksealNative

/// The events of one provider, told apart by their types: what `HooksealEvents` has for the providers with a catalog,
/// and what is made of a provider file of your own.
public protocol TypedEvent: Sendable {
    /// - Throws: What ``Event/data(as:decoder:)`` throws.
    init(_ event: Event) throws
}

extension Event {
    /// What the event says, by its type.
    ///
    /// ```swift
    /// switch try event.typed(as: Webkasa.Event.self) {
    /// case .bookingCreated(let booking): greet(booking.attendeeEmail)
    /// default: break
    /// }
    /// ```
    ///
    /// - Throws: ``HooksealError`` `invalid_payload` if the body is not JSON, or the data of another shape.
    public func typed<Typed: TypedEvent>(as type: Typed.Type = Typed.self) throws -> Typed {
        do {
            return try Typed(self)
        } catch let error as DecodingError {
            let place = error.path.isEmpty ? "" : " at \(error.path)"
            throw HooksealError(
                .invalidPayload, "The data of \(self.type ?? "an event") has another shape than its type says\(place).")
        }
    }
}

extension Provider {
    /// The source text of a Swift file with the types of all events in this provider's catalog, as `HooksealEvents` has
    /// them. `hookseal-typegen acme.toml > Acme.swift` writes it.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` if its file has no catalog.
    public func typedEventsSource() throws -> String {
        try calling { try typedEvents(provider: native, language: .swift) }
    }
}

extension DecodingError {
    /// Where it is, without what is there.
    fileprivate var path: String {
        let (context, missing): (Context, [any CodingKey]) =
            switch self {
            case .keyNotFound(let key, let context): (context, [key])
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, [])
            @unknown default: (Context(codingPath: [], debugDescription: ""), [])
            }
        return (context.codingPath + missing).map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
            .joined().trimmingPrefix(".").description
    }
}
