import Foundation
internal import HooksealNative

/// Makes the HTTP requests of a ``Client`` or ``Sender`` in Hookseal's place, by a platform's own means.
///
/// The url and the addresses of its host are judged before every request, and the deadline of the attempt holds: the
/// task is canceled when it has passed. The rest is the implementer's to keep: to connect to
/// ``TransportRequest/addresses`` and no others where that can be said, or the name is looked up a second time and may
/// then lead elsewhere; to follow no redirect; to use no proxy that would look the name up itself; and to read no more
/// of the body than ``TransportRequest/responseLimit``.
public protocol Transport: Sendable {
    /// Sends a request and reads its answer, of whatever status.
    ///
    /// - Throws: A ``HooksealError`` of kind `delivery` that says why there is no answer, such as `connect_failed`;
    ///   anything else counts as `protocol_error`.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// A POST request that is ready to leave. Printed, it shows neither headers nor body.
public struct TransportRequest: Sendable {
    /// Where to, in the spelling that is signed.
    public let url: String
    /// The addresses that were checked, with the port, such as `203.0.113.7:443` or `[2001:db8::7]:443`; there is at
    /// least one.
    public let addresses: [String]
    /// Every header but those that frame the request, such as `host` and `content-length`.
    public let headers: [Header]
    /// The bytes that are signed.
    public let body: Data
    /// For the whole attempt; nobody waits any longer.
    public let timeout: Duration
    /// How many bytes of the response's body are of use; what is longer is cut.
    public let responseLimit: Int
}

/// What a receiver answered.
public struct TransportResponse: Sendable {
    public let status: Int
    /// In order, with names in any case.
    public let headers: [Header]
    /// Without decompression.
    public let body: Data

    public init(status: Int, headers: [Header] = [], body: Data = Data()) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

extension TransportRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "TransportRequest(timeout: \(timeout))" }
    public var customMirror: Mirror { Mirror(self, children: ["timeout": timeout]) }
}

/// A transport as the core calls it.
final class Carrier: HooksealNative.Transport {
    private let transport: any Transport

    init(_ transport: any Transport) {
        self.transport = transport
    }

    func send(request: HooksealNative.TransportRequest) async throws -> HooksealNative.TransportResponse {
        do {
            let response = try await transport.send(TransportRequest(native: request))
            guard let status = UInt16(exactly: response.status) else {
                throw HooksealError(.protocolError, "The transport answered with the status \(response.status).")
            }
            let headers = RequestHeaders(response.headers.map { ($0.name, $0.value) }).lines
            return HooksealNative.TransportResponse(status: status, headers: headers, body: response.body)
        } catch let error as HooksealError {
            throw TransportError.Failed(code: error.code.rawValue, reason: error.message)
        }
    }
}

extension TransportRequest {
    fileprivate init(native: HooksealNative.TransportRequest) {
        (url, addresses, body) = (native.url, native.addresses, native.body)
        headers = native.headers.map(Header.init(native:))
        (timeout, responseLimit) = (Duration(crossed: native.timeout), Int(clamping: native.responseLimit))
    }
}
