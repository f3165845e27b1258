import Foundation
internal import HooksealNative

/// How an endpoint of a sender is set up, or what of it shall change: what is nil has its default, or stays.
public struct EndpointSettings: Sendable {
    /// For people.
    public var name: String?
    /// Which events it gets: exact types, `booking.*` or `*`; all if not given.
    public var events: [String]?
    /// Whose events it gets; those of all tenants if not given.
    public var tenant: String?
    /// Further headers to send, such as `authorization`; their values are never shown.
    public var headers: [String: String]?
    /// How long one attempt may take; the provider's if not given.
    public var timeout: Duration?
    /// The most requests on their way at once; 16 if not given.
    public var concurrency: Int?
    /// The most requests in a second; not limited if not given.
    public var rateLimit: Double?
    /// Whether deliveries go out one at a time, in the order of their messages: one that fails holds up the others.
    public var ordered: Bool?
    /// When a failed delivery is tried again; the provider's policy if not given.
    public var retry: RetryPolicy?
    /// Whether plain http is allowed; the sender's if not given.
    public var allowHTTP: Bool?
    /// Which private addresses are allowed; the sender's if not given.
    public var allowPrivate: AllowPrivate?

    public init(
        name: String? = nil, events: [String]? = nil, tenant: String? = nil, headers: [String: String]? = nil,
        timeout: Duration? = nil, concurrency: Int? = nil, rateLimit: Double? = nil, ordered: Bool? = nil,
        retry: RetryPolicy? = nil, allowHTTP: Bool? = nil, allowPrivate: AllowPrivate? = nil
    ) {
        (self.name, self.events, self.tenant, self.headers) = (name, events, tenant, headers)
        (self.timeout, self.concurrency, self.rateLimit) = (timeout, concurrency, rateLimit)
        (self.ordered, self.retry) = (ordered, retry)
        (self.allowHTTP, self.allowPrivate) = (allowHTTP, allowPrivate)
    }

    /// What may go back to its default.
    public enum Field: Hashable, Sendable, CaseIterable {
        case name, events, tenant, headers, timeout, concurrency, rateLimit, ordered, retry, allowHTTP, allowPrivate
    }

    func crossing(url: String?) throws -> EndpointFields {
        EndpointFields(
            url: url,
            name: name,
            events: events,
            tenant: tenant,
            headers: headers.map { RequestHeaders($0).lines },
            timeout: try timeout?.crossing("timeout"),
            concurrency: try concurrency.map { try narrow($0, "concurrency") },
            rateLimit: rateLimit,
            ordered: ordered,
            retry: try retry?.crossing(),
            allowHttp: allowHTTP,
            allowPrivate: allowPrivate?.crossing
        )
    }
}

extension EndpointSettings: CustomStringConvertible, CustomReflectable {
    /// The headers may hold a token.
    public var description: String { "EndpointSettings" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension EndpointSettings.Field {
    var crossing: EndpointField {
        switch self {
        case .name: .name
        case .events: .events
        case .tenant: .tenant
        case .headers: .headers
        case .timeout: .timeout
        case .concurrency: .concurrency
        case .rateLimit: .rateLimit
        case .ordered: .ordered
        case .retry: .retry
        case .allowHTTP: .allowHttp
        case .allowPrivate: .allowPrivate
        }
    }
}
