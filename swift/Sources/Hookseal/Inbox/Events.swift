import Foundation
internal import HooksealNative

/// Events of an inbox: the log of what was received, and trying again. An event is named by its id.
public struct Events: Sendable {
    let store: InboxStore

    /// Events, newest first, a page at a time.
    ///
    /// - Parameters:
    ///   - cursor: Where the page begins: the `cursor` of the one before.
    ///   - limit: How many at most.
    public func list(
        _ filter: EventFilter = EventFilter(), cursor: Int64? = nil, limit: Int = 100
    ) async throws -> Page<StoredEvent> {
        let (wanted, most): (_, UInt32) = (try filter.crossing(), try narrow(limit, "limit"))
        let page = try await answered {
            try await store.native.listEvents(filter: wanted, cursor: cursor, limit: most)
        }
        return Page(items: page.items.map(StoredEvent.init(native:)), cursor: page.cursor)
    }

    /// All of them, newest first, read page by page as one goes through them.
    public func all(_ filter: EventFilter = EventFilter()) -> Listing<StoredEvent> {
        Listing { try await list(filter, cursor: $0) }
    }

    /// An event with its tries and its body.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: String) async throws -> EventDetail {
        EventDetail(native: try await answered { try await store.native.event(id: id) })
    }

    /// Has an event handled once more, whatever became of it, with all the tries of the policy. Of one that is pending
    /// the next try is pulled forward.
    ///
    /// - Throws: ``HooksealError`` `not_found`; `conflict` if its body is gone.
    public func retry(_ id: String) async throws {
        try await answered { try await store.native.retryEvent(id: id) }
    }

    /// Retries what failed at or after `since`, in the background; ``EventJobs/get(_:)`` tells how far it is.
    ///
    /// - Parameters:
    ///   - types: Types of events; all if there are none.
    @discardableResult
    public func retryFailed(_ since: Date, types: [String] = []) async throws -> Job {
        let from = try since.crossing("since")
        return Job(native: try await answered { try await store.native.retryFailed(since: from, types: types) })
    }

    /// Ends an event that is pending: it is not tried any more. False if it was at its end.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    @discardableResult
    public func discard(_ id: String) async throws -> Bool {
        try await answered { try await store.native.discardEvent(id: id) }
    }

    /// Deletes what an event says, and discards it if it is pending. Its id stays known. False if its body was gone
    /// already.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    @discardableResult
    public func expunge(_ id: String) async throws -> Bool {
        try await answered { try await store.native.expungeEvent(id: id) }
    }
}

/// Long jobs of an inbox.
public struct EventJobs: Sendable {
    let store: InboxStore

    /// How far a job is.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: Int64) async throws -> Job {
        Job(native: try await answered { try await store.native.job(id: id) })
    }
}

/// Which events; what is not given is any.
public struct EventFilter: Hashable, Sendable {
    public var status: EventStatus?
    /// Types of events; all if there are none.
    public var types: [String]
    public var tenant: String?
    /// Received, or retried by hand, at or after this time.
    public var since: Date?
    /// Received, or retried by hand, before this time.
    public var until: Date?

    public init(
        status: EventStatus? = nil, types: [String] = [], tenant: String? = nil, since: Date? = nil,
        until: Date? = nil
    ) {
        (self.status, self.types, self.tenant) = (status, types, tenant)
        (self.since, self.until) = (since, until)
    }

    func crossing() throws -> HooksealNative.EventFilter {
        HooksealNative.EventFilter(
            status: status?.crossing, types: types, tenant: tenant, since: try since?.crossing("since"),
            until: try until?.crossing("until"))
    }
}
