import Foundation
internal import HooksealNative

/// Endpoints of a sender: who gets events.
public struct Endpoints: Sendable {
    let store: Store

    /// Creates an endpoint.
    ///
    /// - Parameters:
    ///   - secret: What requests are signed with; generated if not given and the provider signs always.
    ///   - settings: How it is set up.
    /// - Throws: ``HooksealError`` `invalid_url`, `invalid_secret`, `invalid_argument`; `blocked_address` if the url
    ///   names a private address.
    public func create(
        _ url: String, secret: Secret? = nil, _ settings: EndpointSettings
    ) async throws -> CreatedEndpoint {
        let fields = try settings.crossing(url: url)
        let created = try await answered {
            try await store.native.createEndpoint(fields: fields, secret: secret?.native)
        }
        return CreatedEndpoint(
            endpoint: StoredEndpoint(native: created.endpoint), secret: created.secret.map(Secret.init(native:)))
    }

    /// Creates an endpoint: the same with the settings that most endpoints have.
    ///
    /// - Parameters:
    ///   - name: For people.
    ///   - events: Which events it gets, such as `booking.*`; all if not given.
    ///   - tenant: Whose events it gets; those of all tenants if not given.
    public func create(
        _ url: String, secret: Secret? = nil, name: String? = nil, events: [String]? = nil, tenant: String? = nil
    ) async throws -> CreatedEndpoint {
        try await create(url, secret: secret, EndpointSettings(name: name, events: events, tenant: tenant))
    }

    /// - Throws: ``HooksealError`` `not_found`.
    public func get(_ id: Int64) async throws -> StoredEndpoint {
        StoredEndpoint(native: try await answered { try await store.native.endpoint(id: id) })
    }

    /// Endpoints in the order of their creation, a page at a time.
    ///
    /// - Parameters:
    ///   - tenant: Those of this tenant alone.
    ///   - active: Only active, or only disabled ones.
    ///   - cursor: Where the page begins: the `cursor` of the one before.
    ///   - limit: How many at most.
    public func list(
        tenant: String? = nil, active: Bool? = nil, cursor: Int64? = nil, limit: Int = 100
    ) async throws -> Page<StoredEndpoint> {
        let most: UInt32 = try narrow(limit, "limit")
        let page = try await answered {
            try await store.native.listEndpoints(tenant: tenant, active: active, cursor: cursor, limit: most)
        }
        return Page(items: page.items.map(StoredEndpoint.init(native:)), cursor: page.cursor)
    }

    /// All of them, read page by page as one goes through them.
    public func all(tenant: String? = nil, active: Bool? = nil) -> Listing<StoredEndpoint> {
        Listing { try await list(tenant: tenant, active: active, cursor: $0) }
    }

    /// Changes an endpoint: what the changes do not say stays. What is pending goes to the new url under the new
    /// settings.
    ///
    /// - Parameters:
    ///   - reset: What goes back to its default.
    ///   - version: Fails with `conflict` if the endpoint's version is another.
    /// - Throws: ``HooksealError`` `not_found`, `conflict`, and those of `create`.
    @discardableResult
    public func update(
        _ id: Int64, _ changes: EndpointSettings = EndpointSettings(), url: String? = nil,
        reset: Set<EndpointSettings.Field> = [], version: Int64? = nil
    ) async throws -> StoredEndpoint {
        let (fields, defaults) = (try changes.crossing(url: url), reset.map(\.crossing))
        return StoredEndpoint(
            native: try await answered {
                try await store.native.updateEndpoint(id: id, fields: fields, reset: defaults, version: version)
            })
    }

    /// Enables an endpoint: failures are forgotten, and what was held is delivered. False if it was enabled.
    @discardableResult
    public func enable(_ id: Int64) async throws -> Bool {
        try await answered { try await store.native.enableEndpoint(id: id) }
    }

    /// Disables an endpoint: it gets no more events, and what is pending is held. False if it was disabled.
    @discardableResult
    public func disable(_ id: Int64) async throws -> Bool {
        try await answered { try await store.native.disableEndpoint(id: id) }
    }

    /// Deletes an endpoint and its secrets. What is pending is canceled; the log stays.
    public func delete(_ id: Int64) async throws {
        try await answered { try await store.native.deleteEndpoint(id: id) }
    }

    /// Gives an endpoint another secret and returns it. The old ones sign beside it for as long as `overlap`, where
    /// requests of the provider carry several signatures.
    ///
    /// - Parameters:
    ///   - secret: The new secret; generated if not given.
    /// - Throws: ``HooksealError`` `not_found`, `invalid_secret`.
    public func rotateSecret(
        _ id: Int64, secret: Secret? = nil, overlap: Duration = .seconds(86_400)
    ) async throws -> Secret {
        let span = try overlap.crossing("overlap")
        return Secret(
            native: try await answered {
                try await store.native.rotateSecret(id: id, secret: secret?.native, overlap: span)
            })
    }
}
