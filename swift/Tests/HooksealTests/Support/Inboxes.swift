import Foundation
import Hookseal
import Testing

typealias Handler = @Sendable (Event, Handling) async throws -> Void

/// Runs a test with an inbox that has these handlers, by their patterns, and shuts it down.
func withInbox(
    at url: String = "memory:", timeout: Duration? = nil, retry: RetryPolicy? = nil,
    orderBy: (@Sendable (Event) throws -> String?)? = nil, handlers: [String: Handler] = [:], start: Bool = true,
    _ test: (Inbox) async throws -> Void
) async throws {
    let inbox = try Inbox(url, Webhook(Requests.secret), timeout: timeout, retry: retry, orderBy: orderBy)
    do {
        for (pattern, handler) in handlers { try inbox.on(pattern, handler) }
        if start { try await inbox.start() }
        try await test(inbox)
    } catch {
        try? await inbox.shutdown()
        throw error
    }
    try await inbox.shutdown()
}

/// Waits until nothing is pending.
func drain(_ inbox: Inbox, at location: SourceLocation = #_sourceLocation) async throws {
    let isIdle = try await inbox.waitIdle(timeout: .seconds(120))
    #expect(isIdle, sourceLocation: location)
}

/// Requests of a sender.
enum Requests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    static func make(
        _ id: String, _ data: String = "{}", type: String = "thing.made"
    ) throws -> (body: Data, headers: [String: String]) {
        let body = Data(#"{"type": "\#(type)", "data": \#(data)}"#.utf8)
        return (body, try Webhook(secret).sign(body, id: id))
    }
}

extension Inbox {
    /// Receives a request that was made for it.
    @discardableResult
    func receive(_ id: String, _ data: String = "{}", type: String = "thing.made") async throws -> Receipt {
        let (body, headers) = try Requests.make(id, data, type: type)
        return try await receive(body, headers)
    }
}

/// Keeps what tasks tell it.
final class Recorder<Item: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var items: [Item] = []

    var all: [Item] { lock.withLock { items } }

    func add(_ item: Item) {
        lock.withLock { items.append(item) }
    }
}
