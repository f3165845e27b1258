/// Some of the items of a list.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// Where the next page begins; nil on the last one.
    public let cursor: Int64?
}

/// A whole list, read page by page as one goes through it.
public struct Listing<Item: Sendable>: AsyncSequence, Sendable {
    let read: @Sendable (_ cursor: Int64?) async throws -> Page<Item>

    public func makeAsyncIterator() -> Iterator {
        Iterator(read: read)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let read: @Sendable (_ cursor: Int64?) async throws -> Page<Item>
        private var items: ArraySlice<Item> = []
        private var cursor: Int64?
        private var isLast = false

        fileprivate init(read: @escaping @Sendable (_ cursor: Int64?) async throws -> Page<Item>) {
            self.read = read
        }

        public mutating func next() async throws -> Item? {
            while items.isEmpty, !isLast {
                try Task.checkCancellation()
                let page = try await read(cursor)
                (items, cursor, isLast) = (page.items[...], page.cursor, page.cursor == nil)
            }
            return items.popFirst()
        }
    }
}
