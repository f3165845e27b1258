import Foundation
internal import HooksealNative

/// Where events are delivered: a url and the secrets to sign with.
public struct Endpoint: Sendable {
    /// The url, in the spelling that is signed and dialled.
    public let url: String
    let native: HooksealNative.Endpoint

    /// - Parameters:
    ///   - secrets: Newest first; only some providers may go without.
    ///   - provider: The conventions to deliver by; Standard Webhooks if not given.
    ///   - timeout: How long one attempt may take; the provider's if not given.
    ///   - retry: When a failed delivery is tried again; the provider's policy if not given.
    ///   - headers: Further headers to send, such as `authorization`; their values are never shown.
    ///   - allowHTTP: Whether plain http is allowed; the client's if not given.
    ///   - allowPrivate: Which private addresses are allowed; the client's if not given.
    /// - Throws: ``HooksealError`` `invalid_url`, `invalid_secret`, `invalid_argument`.
    public init(
        _ url: String, _ secrets: [Secret] = [], provider: Provider = .standard, timeout: Duration? = nil,
        retry: RetryPolicy? = nil, headers: [String: String] = [:], allowHTTP: Bool? = nil,
        allowPrivate: AllowPrivate? = nil
    ) throws {
        let options = EndpointOptions(
            timeout: try timeout?.crossing("timeout"),
            retry: try retry?.crossing(),
            headers: RequestHeaders(headers).lines,
            allowHttp: allowHTTP,
            allowPrivate: allowPrivate?.crossing
        )
        let native = try calling {
            try HooksealNative.Endpoint(
                url: url, provider: provider.native, secrets: secrets.map(\.native), options: options)
        }
        self.native = native
        self.url = try calling { try native.url() }
    }

    /// The same with one secret, as it is shown.
    public init(
        _ url: String, _ secret: String, provider: Provider = .standard, timeout: Duration? = nil,
        retry: RetryPolicy? = nil, headers: [String: String] = [:], allowHTTP: Bool? = nil,
        allowPrivate: AllowPrivate? = nil
    ) throws {
        try self.init(
            url, [Secret(secret)], provider: provider, timeout: timeout, retry: retry, headers: headers,
            allowHTTP: allowHTTP, allowPrivate: allowPrivate)
    }
}

extension Endpoint: CustomStringConvertible, CustomReflectable {
    public var description: String { "Endpoint" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Which private addresses may be reached: `true` for all but those of metadata services, `false` for none, or a list of
/// networks such as `["10.0.0.0/8"]`.
public enum AllowPrivate: Hashable, Sendable {
    case no
    case all
    /// These, in CIDR notation.
    case only([String])
}

extension AllowPrivate: ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral {
    public init(booleanLiteral allowed: Bool) {
        self = allowed ? .all : .no
    }

    public init(arrayLiteral networks: String...) {
        self = .only(networks)
    }

    init(native: HooksealNative.AllowPrivate) {
        self =
            switch native {
            case .no: .no
            case .all: .all
            case .only(let networks): .only(networks)
            }
    }

    var crossing: HooksealNative.AllowPrivate {
        switch self {
        case .no: .no
        case .all: .all
        case .only(let networks): .only(networks: networks)
        }
    }
}
