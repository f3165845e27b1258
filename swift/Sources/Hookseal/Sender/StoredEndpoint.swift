import Foundation
internal import HooksealNative

/// An endpoint of a sender, as it is stored.
public struct StoredEndpoint: Identifiable, Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case active
        case disabled(DisableReason)
    }

    /// Why an endpoint gets no events.
    public enum DisableReason: Hashable, Sendable {
        /// Its owner said so.
        case user
        /// Too many failures in a row.
        case failures
        /// The receiver asked for no more events.
        case refused
    }

    public let id: Int64
    public let url: String
    public let name: String
    /// Which events it gets; an empty list is all.
    public let events: [String]
    /// How many types of the provider's catalog these are.
    public let subscribed: Int
    public let tenant: String?
    /// The names of its custom headers.
    public let headerNames: [String]
    /// If it is not the provider's.
    public let timeout: Duration?
    /// The most requests on their way at once.
    public let concurrency: Int
    /// The most requests in a second.
    public let rateLimit: Double?
    /// Whether deliveries go out one at a time, in the order of their messages.
    public let ordered: Bool
    /// If it is not the provider's policy.
    public let retry: RetryPolicy?
    /// If it is not the sender's to say.
    public let allowHTTP: Bool?
    /// If it is not the sender's to say.
    public let allowPrivate: AllowPrivate?
    public let status: Status
    public let disabledAt: Date?
    /// Failures in a row, as the provider's rule counts them.
    public let failures: Int
    public let lastAttemptAt: Date?
    public let lastResponseCode: Int?
    /// Why the last attempt got no response.
    public let lastErrorCode: HooksealError.Code?
    /// Grows with every change.
    public let version: Int64
    public let createdAt: Date
    public let updatedAt: Date

    init(native: HooksealNative.StoredEndpoint) {
        (id, url, name, events) = (native.id, native.url, native.name, native.events)
        (subscribed, tenant, headerNames) = (Int(native.subscribed), native.tenant, native.headerNames)
        timeout = native.timeout.map(Duration.init(crossed:))
        (concurrency, rateLimit, ordered) = (Int(native.concurrency), native.rateLimit, native.ordered)
        retry = native.retry.map(RetryPolicy.init(native:))
        (allowHTTP, allowPrivate) = (native.allowHttp, native.allowPrivate.map(AllowPrivate.init(native:)))
        status =
            switch native.disabledReason {
            case nil: .active
            case .user: .disabled(.user)
            case .failures: .disabled(.failures)
            case .refused: .disabled(.refused)
            }
        (disabledAt, failures, lastAttemptAt) = (native.disabledAt, Int(native.failures), native.lastAttemptAt)
        lastResponseCode = native.lastResponseCode.map(Int.init)
        lastErrorCode = native.lastErrorCode.map(HooksealError.Code.init(core:))
        (version, createdAt, updatedAt) = (native.version, native.createdAt, native.updatedAt)
    }
}

/// An endpoint that was just created.
public struct CreatedEndpoint: Identifiable, Sendable {
    public let endpoint: StoredEndpoint
    /// What its requests are signed with, shown this once; nil if they are not signed.
    public let secret: Secret?

    public var id: Int64 { endpoint.id }
}
