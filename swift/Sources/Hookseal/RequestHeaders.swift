internal import HooksealNative

/// The headers of a request, with names in any case and as often as they came.
///
/// ```swift
/// try webhook.verify(body, RequestHeaders(request.headers))
/// ```
public struct RequestHeaders: Sendable {
    let lines: [HooksealNative.Header]

    /// Headers of which each is there once.
    public init(_ headers: [String: String]) {
        lines = headers.map { HooksealNative.Header(name: $0.key, value: $0.value) }
    }

    /// Headers as SwiftNIO has them, and with it Vapor.
    public init(_ headers: some Sequence<(name: String, value: String)>) {
        lines = headers.map { HooksealNative.Header(name: $0.name, value: $0.value) }
    }

    /// Pairs of names and values.
    public init(_ headers: some Sequence<(String, String)>) {
        lines = headers.map { HooksealNative.Header(name: $0.0, value: $0.1) }
    }
}

extension RequestHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral headers: (String, String)...) {
        self.init(headers)
    }
}

/// One header line, as it was sent or received.
public struct Header: Hashable, Sendable {
    public let name: String
    public let value: String

    init(native: HooksealNative.Header) {
        (name, value) = (native.name, native.value)
    }

    public init(_ name: String, _ value: String) {
        (self.name, self.value) = (name, value)
    }
}
