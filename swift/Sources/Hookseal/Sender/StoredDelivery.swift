import Foundation
internal import HooksealNative

/// Where a delivery stands; the last three are its end.
public enum DeliveryStatus: Hashable, Sendable, CaseIterable {
    /// It waits for its next attempt, or is in one.
    case pending
    /// It waits until its endpoint is enabled.
    case held
    /// The receiver accepted it.
    case delivered
    /// It failed for good.
    case failed
    /// Somebody canceled it, its endpoint was deleted, or it was held for too long.
    case canceled
}

/// A message's way to one endpoint, as the log shows it.
public struct StoredDelivery: Identifiable, Hashable, Sendable {
    /// What made a delivery.
    public enum Trigger: Hashable, Sendable {
        /// An event: it is retried, and counts for health, credits and notices.
        case event
        /// Somebody asked for it once more.
        case manual
        case test
    }

    public let id: Int64
    /// The event's id.
    public let message: String
    /// The message's number in the store.
    public let messageKey: Int64
    public let type: String
    public let tenant: String?
    /// The endpoint's id.
    public let endpoint: Int64
    public let status: DeliveryStatus
    public let trigger: Trigger
    /// The delivery that this one repeats, for manual ones.
    public let parent: Int64?
    public let attemptCount: Int
    /// When the next attempt is due, while it is pending or held.
    public let due: Date?
    public let createdAt: Date
    /// When it came to its end.
    public let doneAt: Date?
    /// The last response's status code.
    public let responseCode: Int?
    /// Why the last attempt got no response.
    public let errorCode: HooksealError.Code?
    /// How long the last attempt took.
    public let duration: Duration?

    init(native: HooksealNative.StoredDelivery) {
        (id, message, messageKey) = (native.id, native.message, native.messageKey)
        (type, tenant, endpoint) = (native.eventType, native.tenant, native.endpoint)
        status = DeliveryStatus(native: native.status)
        trigger =
            switch native.trigger {
            case .event: .event
            case .manual: .manual
            case .test: .test
            }
        (parent, attemptCount, due) = (native.parent, Int(native.attemptCount), native.due)
        (createdAt, doneAt) = (native.createdAt, native.doneAt)
        responseCode = native.responseCode.map(Int.init)
        errorCode = native.errorCode.map(HooksealError.Code.init(core:))
        duration = native.duration.map(Duration.init(crossed:))
    }
}

/// A delivery with what was sent and what came back.
public struct DeliveryDetail: Identifiable, Sendable {
    public let delivery: StoredDelivery
    /// In order.
    public let attempts: [StoredAttempt]
    /// The bytes that were sent, unless they were expunged or too old to be kept.
    public let body: Data?

    public var id: Int64 { delivery.id }

    init(native: HooksealNative.DeliveryDetail) {
        (delivery, body) = (StoredDelivery(native: native.delivery), native.body)
        attempts = native.attempts.map(StoredAttempt.init(native:))
    }
}

/// One HTTP request and its outcome, as the log shows it.
public struct StoredAttempt: Sendable {
    /// Which attempt of its delivery it was, from 1.
    public let number: Int
    public let startedAt: Date
    public let duration: Duration
    /// Whether the receiver answered 2xx.
    public let succeeded: Bool
    /// The status code, if the receiver got as far as answering.
    public let responseCode: Int?
    /// Why there is no complete response; `lost` if the attempt was cut short by the end of the process.
    public let error: HooksealError?
    /// The beginning of the response's body, as it came.
    public let responseBody: Data
    /// Whether the body went on.
    public let responseTruncated: Bool
    public let responseHeaders: [Header]
    /// The headers that were sent; values of the endpoint's own headers are redacted.
    public let requestHeaders: [Header]

    init(native: HooksealNative.StoredAttempt) {
        (number, startedAt) = (Int(native.number), native.startedAt)
        (duration, succeeded) = (Duration(crossed: native.duration), native.succeeded)
        (responseCode, error) = (native.responseCode.map(Int.init), native.error.map(HooksealError.init))
        (responseBody, responseTruncated) = (native.responseBody, native.responseTruncated)
        responseHeaders = native.responseHeaders.map(Header.init(native:))
        requestHeaders = native.requestHeaders.map(Header.init(native:))
    }
}

extension DeliveryStatus {
    init(native: HooksealNative.DeliveryStatus) {
        self =
            switch native {
            case .pending: .pending
            case .held: .held
            case .delivered: .delivered
            case .failed: .failed
            case .canceled: .canceled
            }
    }

    var crossing: HooksealNative.DeliveryStatus {
        switch self {
        case .pending: .pending
        case .held: .held
        case .delivered: .delivered
        case .failed: .failed
        case .canceled: .canceled
        }
    }
}
