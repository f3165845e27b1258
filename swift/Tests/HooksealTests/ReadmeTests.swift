// The snippets of the README and of the docs run as they stand there; scripts/swift-readme.py made a module of them.
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

    @Test func receivingEachEventOnce() async throws {
        let (webhook, seen) = (try Webhook(Requests.secret), try Deduplicator("memory:"))
        let (body, headers) = try Requests.make("a")
        #expect(await receive(body, headers, webhook, seen) == 200)
        #expect(await receive(body, headers, webhook, seen) == 200)
        #expect(await receive(body, [:], webhook, seen) == 401)
        let event = try webhook.verify(body, headers)
        #expect(await thrown { try await seen.claim(event) }?.code == .duplicateEvent)
        let (other, signed) = try Requests.make("b")
        let claim = try await seen.claim(webhook.verify(other, signed))
        #expect(await receive(other, signed, webhook, seen) == 503)
        try await claim.done()
    }

    @Test func receivingDurably() async throws {
        let inbox = try await openInbox("memory:", Webhook(Requests.secret))
        let (body, headers) = try Requests.make("a", #"{"id": "bk_1"}"#, type: "booking.created")
        var told = try await answer([UInt8](body), headers, inbox)
        #expect(told.0 == 200)
        told = try await answer([UInt8](body), [:], inbox)
        #expect(told.0 == 401)
        #expect(told.1.isEmpty)
        try await drain(inbox)
        #expect(try await inbox.events.get("a").event.status == .handled)
        try await inbox.shutdown()
        told = try await answer([UInt8](body), headers, inbox)
        #expect(told.0 == 503)
        #expect(told.1 == ["retry-after": "10"])
    }

    @Test func typedEvents() throws {
        let provider = try Provider.builtin("webkasa")
        let webhook = try Webhook([.generate(provider)], provider: provider)
        func told(_ event: Event) throws -> String { try booked(event.body, webhook.sign(event.body), webhook) }
        #expect(try told(provider.example("booking.created")) == "booked by john@example.com")
        #expect(try told(provider.example("booking.cancelled")) == "cancelled: Travelling that day")
        #expect(try told(provider.event("booking.moved", 1)) == "not for us: booking.moved")
    }
}
