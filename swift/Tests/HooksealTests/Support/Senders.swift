import Foundation
import Hookseal
import Testing

/// Runs a test with a sender on a new store that may deliver to this machine, and shuts it down.
func withSender(
    provider: Provider = .standard, start: Bool = true, transport: (any Transport)? = nil,
    _ test: (Sender) async throws -> Void
) async throws {
    let store = try TemporaryStore()
    try await withSender(at: store.url, provider: provider, start: start, transport: transport, test)
}

/// The same on a store that is there.
func withSender(
    at url: String, provider: Provider = .standard, start: Bool = true, transport: (any Transport)? = nil,
    _ test: (Sender) async throws -> Void
) async throws {
    let sender = try Sender(url, provider: provider, allowHTTP: true, allowPrivate: true, transport: transport)
    do {
        if start { try await sender.start() }
        try await test(sender)
    } catch {
        try? await sender.shutdown()
        throw error
    }
    try await sender.shutdown()
}

/// Waits until nothing is pending.
func drain(_ sender: Sender, at location: SourceLocation = #_sourceLocation) async throws {
    let isIdle = try await sender.waitIdle(timeout: .seconds(120))
    #expect(isIdle, sourceLocation: location)
}

func idOf(_ request: Receiver.Request) -> String {
    request.header("webhook-id") ?? ""
}

/// Waits until something is so; false if that takes longer than a long time.
func until(_ isSo: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1500 {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}
