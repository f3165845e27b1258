// The README's snippets run as they stand there; scripts/swift-readme.py made a module of them.
import Foundation
import Hookseal
import Testing

@testable import HooksealReadme

@Suite struct ReadmeTests {
    @Test func receiving() throws {
        let provider = try Provider.builtin("webkasa")
        let secret = try Secret.generate(provider)
        setenv("WEBHOOK_SECRET", try secret.expose(), 1)
        let body = try provider.example("booking.created").body
        let headers = try Webhook([secret], provider: provider).sign(body)
        #expect(try hook(body, headers) == 200)
        #expect(try hook(body + Data(" ".utf8), headers) == 401)
        #expect(try hook(body, [:]) == 401)
    }

    @Test func sending() async throws {
        let (store, receiver) = (try TemporaryStore(), try Receiver())
        defer { receiver.close() }
        try await send(to: receiver.url, by: store.url)
        #expect(receiver.requests.count == 1)
        let body = try #require(receiver.requests.first).body
        let event = try #require(JSONSerialization.jsonObject(with: body) as? [String: Any])
        #expect(event["type"] as? String == "booking.created")
        #expect(event["data"] as? [String: String] == ["id": "bk_xyz789"])
    }
}
