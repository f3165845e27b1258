import Foundation
internal import HooksealNative

extension Sender {
    /// Deliveries with their attempts as JSON lines, newest first, in chunks as large as they come: the log may be
    /// larger than the memory.
    public func export(_ filter: DeliveryFilter = DeliveryFilter()) -> Export {
        Export(store: store, filter: filter)
    }
}

/// The log as JSON lines; each iteration reads it once.
public struct Export: AsyncSequence, Sendable {
    let store: Store
    let filter: DeliveryFilter

    public func makeAsyncIterator() -> Iterator {
        Iterator(export: self)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let export: Export
        private var reading: Reading?

        fileprivate init(export: Export) {
            self.export = export
        }

        /// - Throws: ``HooksealError`` `invalid_argument` or of kind `store`; `CancellationError`.
        public mutating func next() async throws -> Data? {
            let reading = try self.reading ?? Reading(export.store, export.filter)
            self.reading = reading
            return try await reading.chunk()
        }
    }
}

/// An export that goes on until all chunks were taken, or nobody is left to take them.
private final class Reading: Sendable {
    private let native: HooksealNative.Export
    private let run: Task<UInt64, any Error>

    init(_ store: Store, _ filter: DeliveryFilter) throws {
        let wanted = try filter.crossing()
        let native = try calling { try store.native.export(filter: wanted) }
        (self.native, run) = (native, Task { try await answered { try await native.run() } })
    }

    deinit {
        let native = native
        Task.detached { try? await native.end() }
    }

    func chunk() async throws -> Data? {
        if let chunk = try await awaited({ try await native.chunk(cancellation: $0) }) {
            return chunk
        }
        _ = try await run.value
        return nil
    }
}
