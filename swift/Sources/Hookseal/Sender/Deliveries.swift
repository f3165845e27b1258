import Foundation
internal import HooksealNative

/// Deliveries of a sender: the log, and delivering once more.
public struct Deliveries: Sendable {
    let store: Store

    /// Deliveries, newest first, a page at a time.
    ///
    /// - Parameters:
    ///   - cursor: Where the page begins: the `cursor` of the one before.
    ///   - limit: How many at most.
    public func list(
        _ filter: DeliveryFilter = DeliveryFilter(), cursor: Int64? = nil, limit: Int = 100
    ) async throws -> Page<StoredDelivery> {
        let (wanted, most): (_, UInt32) = (try filter.crossing(), try narrow(limit, "limit"))
        let page = try await answered {
            try await store.native.listDeliveries(filter: wanted, cursor: cursor, limit: most)
        }
        return Page(items: page.items.map(StoredDelivery.init(native:)), cursor: page.cursor)
    }

    /// All of them, newest first, read page by page as one goes through them.
    public func all(_ filter: DeliveryFilter = DeliveryFilter()) -> Listing<StoredDelivery> {
        Listing { try await list(filter, cursor: $0) }
    }

    /// A delivery with its attempts and the body they sent.
    ///
    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: Int64) async throws -> DeliveryDetail {
        DeliveryDetail(native: try await answered { try await store.native.delivery(id: id) })
    }

    /// Delivers once more, now: the same bytes and id under a fresh signature. One that has ended is repeated as a new
    /// delivery; of a pending one the next attempt is pulled forward. Returns the id of the delivery that does it.
    ///
    /// - Throws: ``HooksealError`` `not_found`; `conflict` if the body is gone or the endpoint is disabled or deleted.
    @discardableResult
    public func retry(_ id: Int64) async throws -> Int64 {
        try await answered { try await store.native.retryDelivery(id: id) }
    }

    /// Delivers again what failed at or after `since`, in the background; ``Jobs/get(_:)`` tells how far it is.
    ///
    /// - Parameters:
    ///   - types: Types of events; all if there are none.
    @discardableResult
    public func retryFailed(
        _ since: Date, endpoint: Int64? = nil, tenant: String? = nil, types: [String] = []
    ) async throws -> Job {
        let from = try since.crossing("since")
        return Job(
            native: try await answered {
                try await store.native.retryFailed(since: from, endpoint: endpoint, tenant: tenant, types: types)
            })
    }

    /// Cancels a delivery that is pending or held. False if it was at its end.
    @discardableResult
    public func cancel(_ id: Int64) async throws -> Bool {
        try await answered { try await store.native.cancelDelivery(id: id) }
    }
}

/// Which deliveries; what is not given is any.
public struct DeliveryFilter: Hashable, Sendable {
    /// The id of an endpoint.
    public var endpoint: Int64?
    public var status: DeliveryStatus?
    /// Types of events; all if there are none.
    public var types: [String]
    public var tenant: String?
    /// What the last answer was.
    public var responseClass: ResponseClass?
    /// Made at or after this time.
    public var since: Date?
    /// Made before this time.
    public var until: Date?

    public init(
        endpoint: Int64? = nil, status: DeliveryStatus? = nil, types: [String] = [], tenant: String? = nil,
        responseClass: ResponseClass? = nil, since: Date? = nil, until: Date? = nil
    ) {
        (self.endpoint, self.status, self.types) = (endpoint, status, types)
        (self.tenant, self.responseClass) = (tenant, responseClass)
        (self.since, self.until) = (since, until)
    }

    /// What a receiver answered, by the first digit.
    public enum ResponseClass: UInt8, Hashable, Sendable {
        case informational = 1
        case success
        case redirection
        case clientError
        case serverError
    }

    func crossing() throws -> HooksealNative.DeliveryFilter {
        HooksealNative.DeliveryFilter(
            endpoint: endpoint,
            status: status?.crossing,
            types: types,
            tenant: tenant,
            responseClass: responseClass?.rawValue,
            since: try since?.crossing("since"),
            until: try until?.crossing("until")
        )
    }
}
