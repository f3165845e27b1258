import Foundation
internal import HooksealNative

/// Something the owner of an endpoint must be told.
public struct Notice: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Failures or the receiver itself disabled an endpoint.
        case endpointDisabled = "endpoint.disabled"
        /// Half of the failures that disable an endpoint have come in a row.
        case endpointFailing = "endpoint.failing"
        /// An event will not reach an endpoint.
        case deliveryFailed = "delivery.failed"
        /// A manual retry reached the endpoint after all.
        case deliveryRecovered = "delivery.recovered"
    }

    /// Its place in the order of all notices.
    public let seq: Int64
    public let kind: Kind
    /// The endpoint's id.
    public let endpoint: Int64
    /// The id of the delivery that caused it.
    public let delivery: Int64
    /// The endpoint's failures in a row at that moment.
    public let failures: Int
    public let createdAt: Date

    init(native: HooksealNative.Notice) {
        (seq, endpoint, delivery) = (native.seq, native.endpoint, native.delivery)
        (failures, createdAt) = (Int(native.failures), native.createdAt)
        kind =
            switch native.kind {
            case .endpointDisabled: .endpointDisabled
            case .endpointFailing: .endpointFailing
            case .deliveryFailed: .deliveryFailed
            case .deliveryRecovered: .deliveryRecovered
            }
    }
}

/// The notices of a sender, one after the other; each is acknowledged when the next one is asked for. One that was not
/// comes again, after a crash too.
public struct Notices: AsyncSequence, Sendable {
    let store: Store

    public func makeAsyncIterator() -> Iterator {
        Iterator(store: store)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let store: Store
        private var reader: HooksealNative.Notices?

        fileprivate init(store: Store) {
            self.store = store
        }

        /// - Throws: ``HooksealError`` of kind `store`; `CancellationError`. Nil if the sender was shut down.
        public mutating func next() async throws -> Notice? {
            do {
                return Notice(native: try await read())
            } catch let error as HooksealError where error.code == .closed {
                return nil
            }
        }

        private mutating func read() async throws -> HooksealNative.Notice {
            if let reader {
                try await answered { try await reader.ack() }
            }
            let reader = try self.reader ?? calling { try store.native.notices() }
            self.reader = reader
            return try await awaited { try await reader.next(cancellation: $0) }
        }
    }
}
