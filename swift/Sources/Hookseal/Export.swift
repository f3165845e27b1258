import Foundation
internal import HooksealNative

extension Sender {
    /// Deliveries with their attempts as JSON lines, newest first, in chunks as large as they come: the log may be
    /// larger than the memory.
    public func export(_ filter: DeliveryFilter = DeliveryFilter()) -> Export {
        let store = store
        return Export {
            let wanted = try filter.crossing()
            return try calling { try store.native.export(filter: wanted) }
        }
    }
}

extension Inbox {
    /// Events with their tries as JSON lines, newest first, in chunks as large as they come: the log may be larger than
    /// the memory.
    public func export(_ filter: EventFilter = EventFilter()) -> Export {
        let store = store
        return Export {
            let wanted = try filter.crossing()
            return try calling { try store.native.export(filter: wanted) }
        }
    }
}

/// The log as JSON lines; each iteration reads it once.
public struct Export: AsyncSequence, Sendable {
    let open: @Sendable () throws -> any Log

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
            let reading = try self.reading ?? Reading(export.open())
            self.reading = reading
            return try await reading.chunk()
        }
    }
}

/// A log that is read as its chunks are taken.
protocol Log: Sendable {
    func run() async throws -> UInt64
    func chunk(cancellation: Cancellation?) async throws -> Data?
    func end() async throws
}

extension HooksealNative.Export: Log {}
extension HooksealNative.EventExport: Log {}

/// An export that goes on until all chunks were taken, or nobody is left to take them.
private final class Reading: Sendable {
    private let log: any Log
    private let run: Task<UInt64, any Error>

    init(_ log: any Log) {
        self.log = log
        run = Task { try await answered { try await log.run() } }
    }

    deinit {
        let log = log
        Task.detached { try? await log.end() }
    }

    func chunk() async throws -> Data? {
        if let chunk = try await awaited({ try await log.chunk(cancellation: $0) }) {
            return chunk
        }
        _ = try await run.value
        return nil
    }
}
