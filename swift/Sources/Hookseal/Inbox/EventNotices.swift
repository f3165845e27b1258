import Foundation
internal import HooksealNative

/// An event that could not be handled, or was handled after all.
public struct EventNotice: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No try is left, and the event waits for somebody to look at it.
        case eventFailed = "event.failed"
        /// A retry by hand handled it after all.
        case eventRecovered = "event.recovered"
    }

    /// Its place in the order of all notices.
    public let seq: Int64
    public let kind: Kind
    /// The event's id.
    public let id: String
    /// The event's type; empty if it has none.
    public let type: String
    /// Why the last try failed.
    public let error: HooksealError?
    public let createdAt: Date

    init?(native: HooksealNative.EventNotice) {
        guard let kind = Kind(rawValue: native.kindName) else { return nil }
        (seq, self.kind, id, type) = (native.seq, kind, native.id, native.eventType)
        (error, createdAt) = (native.error.map(HooksealError.init), native.createdAt)
    }
}

/// The notices of an inbox, one after the other; each is acknowledged when the next one is asked for. One that was not
/// comes again, after a crash too.
public struct EventNotices: AsyncSequence, Sendable {
    let store: InboxStore

    public func makeAsyncIterator() -> Iterator {
        Iterator(store: store)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let store: InboxStore
        private var reader: HooksealNative.EventNotices?

        fileprivate init(store: InboxStore) {
            self.store = store
        }

        /// - Throws: ``HooksealError`` of kind `store`; `CancellationError`. Nil if the inbox was shut down.
        public mutating func next() async throws -> EventNotice? {
            do {
                while true {
                    if let notice = EventNotice(native: try await read()) { return notice }
                }
            } catch let error as HooksealError where error.code == .closed {
                return nil
            }
        }

        private mutating func read() async throws -> HooksealNative.EventNotice {
            if let reader {
                try await answered { try await reader.ack() }
            }
            let reader = try self.reader ?? calling { try store.native.notices() }
            self.reader = reader
            return try await awaited { try await reader.next(cancellation: $0) }
        }
    }
}
