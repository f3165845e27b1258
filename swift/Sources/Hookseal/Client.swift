import Foundation
internal import HooksealNative

/// Delivers events: signed, retried, and only to where they may go. Keep one; it keeps its connections.
public struct Client: Sendable {
    private let native: HooksealNative.Client

    /// - Parameters:
    ///   - allowHTTP: Whether plain http is allowed.
    ///   - allowPrivate: Which private addresses are allowed.
    ///   - caCertificates: Certificate authorities in PEM to trust besides the public ones.
    ///   - connectTimeout: For name, TCP and TLS together.
    ///   - transport: Who makes the requests, such as a ``URLSessionTransport``; Hookseal itself if not given.
    /// - Throws: ``HooksealError`` `invalid_argument`.
    public init(
        allowHTTP: Bool = false, allowPrivate: AllowPrivate = false, caCertificates: Data? = nil,
        connectTimeout: Duration? = nil, transport: (any Transport)? = nil
    ) throws {
        let options = ClientOptions(
            allowHttp: allowHTTP,
            allowPrivate: allowPrivate.crossing,
            caCertificates: caCertificates,
            connectTimeout: try connectTimeout?.crossing("connectTimeout")
        )
        native = try calling {
            try HooksealNative.Client(options: options, transport: transport.map(Carrier.init))
        }
    }

    /// Delivers an event, with the endpoint's retries, and returns when it was accepted or has failed for good; the
    /// failures of its attempts are in the result.
    ///
    /// The waiting between retries happens here, for as long as the policy says: a process that ends meanwhile has not
    /// delivered. Canceling the task stops it, at whatever point it is. For deliveries that nothing loses there is
    /// ``Sender``.
    ///
    /// - Throws: ``HooksealError`` if nothing can be sent, such as `invalid_url` for plain http without `allowHTTP` or
    ///   `blocked_address` if the url names a private address; `CancellationError`.
    public func deliver(_ endpoint: Endpoint, _ event: Event) async throws -> Delivery {
        Delivery(
            native: try await awaited {
                try await native.deliver(endpoint: endpoint.native, event: event.native, cancellation: $0)
            })
    }
}

/// What came of a delivery.
public struct Delivery: Sendable {
    /// Whether the receiver accepted the event.
    public let delivered: Bool
    /// Every attempt, in order; there is at least one.
    public let attempts: [Attempt]
    /// Whether the receiver asked for no more events: stop sending to this endpoint.
    public let disableEndpoint: Bool

    init(native: HooksealNative.Delivery) {
        (delivered, disableEndpoint) = (native.delivered, native.disableEndpoint)
        attempts = native.attempts.map(Attempt.init(native:))
    }
}

/// One HTTP request and its outcome.
public struct Attempt: Sendable {
    /// Which attempt of its delivery it was, from 1.
    public let number: Int
    public let startedAt: Date
    /// From the look-up of the host's name to the last byte of the response.
    public let duration: Duration
    /// Whether the receiver answered 2xx.
    public let succeeded: Bool
    /// The status code, if the receiver got as far as answering.
    public let responseCode: Int?
    /// Why there is no complete response; nil for an answer of any status.
    public let error: HooksealError?
    /// The beginning of the response's body, as it came.
    public let responseBody: Data
    /// Whether the body went on; the rest was not read.
    public let responseTruncated: Bool
    public let responseHeaders: [Header]
    /// The headers that were sent; values of the endpoint's own headers are redacted.
    public let requestHeaders: [Header]
    /// Whether the host's name resolved to forbidden addresses besides the one that was tried.
    public let mixedDNS: Bool

    init(native: HooksealNative.Attempt) {
        (number, startedAt) = (Int(native.number), native.startedAt)
        (duration, succeeded) = (Duration(crossed: native.duration), native.succeeded)
        (responseCode, error) = (native.responseCode.map(Int.init), native.error.map(HooksealError.init))
        (responseBody, responseTruncated) = (native.responseBody, native.responseTruncated)
        responseHeaders = native.responseHeaders.map(Header.init(native:))
        requestHeaders = native.requestHeaders.map(Header.init(native:))
        mixedDNS = native.mixedDns
    }
}
