import Foundation
internal import HooksealNative

/// Where an event stands; the last three are its end.
public enum EventStatus: Hashable, Sendable, CaseIterable {
    /// It waits for a try, or is in one.
    case pending
    /// A handler has handled it.
    case handled
    /// No try is left.
    case failed
    /// It is not to be handled, or it had no handler.
    case discarded
}

/// An event as the log of an inbox shows it.
public struct StoredEvent: Identifiable, Hashable, Sendable {
    /// The event's id, or `sha256:` and the hash of the body where the provider gives none.
    public let id: String
    /// The event's type; empty if it has none.
    public let type: String
    /// Whose event it is, where the provider says.
    public let tenant: String?
    public let status: EventStatus
    /// How many tries there were, since it was last retried by hand.
    public let tryCount: Int
    /// When the next try is due, while it is pending.
    public let nextTry: Date?
    public let receivedAt: Date
    /// When it was handled, failed or discarded.
    public let doneAt: Date?
    /// Why the last try failed.
    public let errorCode: HooksealError.Code?

    init(native: HooksealNative.StoredEvent) {
        (id, type, tenant) = (native.id, native.eventType, native.tenant)
        (status, tryCount) = (EventStatus(native: native.status), Int(native.tryCount))
        (nextTry, receivedAt, doneAt) = (native.nextTry, native.receivedAt, native.doneAt)
        errorCode = native.errorCode.map(HooksealError.Code.init(core:))
    }
}

/// An event with its tries.
public struct EventDetail: Identifiable, Sendable {
    public let event: StoredEvent
    /// When it happened, as far as the provider says; else when it was received.
    public let timestamp: Date
    /// In order.
    public let tries: [StoredTry]
    /// The exact bytes that were received, unless they were expunged or too old to be kept.
    public let body: Data?

    public var id: String { event.id }

    init(native: HooksealNative.EventDetail) {
        (event, timestamp) = (StoredEvent(native: native.event), native.timestamp)
        (tries, body) = (native.tries.map(StoredTry.init(native:)), native.body)
    }
}

/// One try to handle an event, as the log shows it.
public struct StoredTry: Hashable, Sendable {
    /// Which one, from 1; it begins anew with every retry by hand.
    public let number: Int
    public let startedAt: Date
    public let duration: Duration
    /// Why it failed, in the handler's own words; nil if it succeeded. Its code is `handler_failed`, `timeout`,
    /// `discarded`, `no_handler`, or `lost` if the process ended.
    public let error: HooksealError?

    /// Whether the handler has handled the event.
    public var succeeded: Bool { error == nil }

    init(native: HooksealNative.StoredTry) {
        (number, startedAt) = (Int(native.number), native.startedAt)
        (duration, error) = (Duration(crossed: native.duration), native.error.map(HooksealError.init))
    }
}

extension EventStatus {
    init(native: HooksealNative.EventStatus) {
        self =
            switch native {
            case .pending: .pending
            case .handled: .handled
            case .failed: .failed
            case .discarded: .discarded
            }
    }

    var crossing: HooksealNative.EventStatus {
        switch self {
        case .pending: .pending
        case .handled: .handled
        case .failed: .failed
        case .discarded: .discarded
        }
    }
}
