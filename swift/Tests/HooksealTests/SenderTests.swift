import Foundation
import Hookseal
import Testing

@Suite struct SenderTests {
    struct Invoice: Codable, Equatable {
        let amount: Int
        let note: String
    }

    @Test func whatWasSentIsDelivered() async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        try await withSender { sender in
            let created = try await sender.endpoints.create(receiver.url, name: "CRM", events: ["invoice.*"])
            let at = Date(timeIntervalSince1970: 1_735_787_045.678)
            let invoice = Invoice(amount: 1, note: "é")
            let message = try await sender.send("invoice.paid", invoice, id: "msg_1", timestamp: at)
            #expect((message.id, message.type) == ("msg_1", "invoice.paid"))
            #expect(message.tenant == nil)
            #expect(abs(message.timestamp.timeIntervalSince(at)) < 0.0005)
            #expect(abs(message.createdAt.timeIntervalSinceNow) < 60)
            #expect(!message.isDuplicate && message.deliveries.count == 1)
            try await sender.send("other.event", [String: String]())
            try await drain(sender)
            let request = try #require(receiver.requests.first)
            let webhook = try Webhook([#require(created.secret)])
            let event = try webhook.verify(request.body, RequestHeaders(request.headers))
            #expect((event.id, event.type) == ("msg_1", "invoice.paid"))
            #expect(try event.data(as: Invoice.self) == invoice)
            #expect(receiver.requests.count == 1)
            let stored = try await sender.messages.get("msg_1")
            #expect(stored.key == message.key)
            #expect(stored.body == request.body)
            #expect(try await sender.messages.get(key: message.key) == stored)
        }
    }

    @Test func theSameIdIsTheFirstMessageAgain() async throws {
        try await withSender(start: false) { sender in
            _ = try await sender.endpoints.create("https://example.com/")
            let first = try await sender.send("a.b", ["x": 1, "y": 2, "z": 3], id: "one")
            let again = try await sender.send("a.b", ["z": 3, "y": 2, "x": 1], id: "one")
            #expect(again.isDuplicate && again.key == first.key && again.deliveries.isEmpty)
            let error = await thrown { try await sender.send("a.b", ["x": 2], id: "one") }
            #expect(error?.code == .conflict)
            #expect(try await !sender.send("a.b", ["x": 2], id: "one", tenant: "t").isDuplicate)
        }
    }

    @Test func manyAtOnce() async throws {
        try await withSender(start: false) { sender in
            let results = try await sender.sendMany([
                NewMessage("a", 1, id: "one"), NewMessage("a", String(repeating: "x", count: 2 << 20)),
                NewMessage("a", json: "2", id: "one"), NewMessage("b", json: "null", tenant: "t"),
            ])
            let told = results.map { result in
                switch result {
                case .success(let message): message.type
                case .failure(let error): error.code.rawValue
                }
            }
            #expect(told == ["a", "payload_too_large", "conflict", "b"])
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for n in 0..<100 { group.addTask { try await sender.send("c", n).id } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 100)
        }
    }

    @Test func endpoints() async throws {
        try await withSender(start: false) { sender in
            let settings = try EndpointSettings(
                name: "CRM", events: ["a.*", "b.c"], tenant: "t", headers: ["Authorization": "token"],
                timeout: .milliseconds(2500), concurrency: 3, rateLimit: 1.5, ordered: false,
                retry: RetryPolicy([.seconds(1)], jitter: 0.5), allowHTTP: true, allowPrivate: ["10.0.0.0/8"])
            let secret = try Secret.generate()
            let created = try await sender.endpoints.create("http://10.1.2.3/", secret: secret, settings)
            #expect(try created.secret?.expose() == secret.expose())
            let stored = try await sender.endpoints.get(created.id)
            #expect(stored == created.endpoint)
            #expect((stored.name, stored.tenant) == ("CRM", "t"))
            #expect(stored.events == ["a.*", "b.c"])
            #expect(stored.timeout == .milliseconds(2500))
            #expect((stored.concurrency, stored.rateLimit, stored.ordered) == (3, 1.5, false))
            #expect(stored.retry == settings.retry)
            #expect(stored.allowHTTP == true)
            #expect(stored.allowPrivate == .only(["10.0.0.0/8"]))
            #expect(stored.headerNames.map { $0.lowercased() } == ["authorization"])
            #expect(stored.status == .active && stored.failures == 0)
            let defaults = Set(EndpointSettings.Field.allCases).subtracting([.allowHTTP, .allowPrivate])
            let reset = try await sender.endpoints.update(created.id, reset: defaults, version: stored.version)
            #expect(reset.name.isEmpty && reset.events.isEmpty && reset.headerNames.isEmpty)
            #expect(reset.tenant == nil && reset.timeout == nil && reset.rateLimit == nil && reset.retry == nil)
            #expect(!reset.ordered)
            let error = await thrown {
                try await sender.endpoints.update(created.id, EndpointSettings(name: "x"), version: stored.version)
            }
            #expect(error?.code == .conflict)
            let moved = try await sender.endpoints.update(
                created.id, EndpointSettings(name: "x", ordered: true), url: "https://example.com/b")
            #expect((moved.name, moved.url, moved.ordered) == ("x", "https://example.com/b", true))
        }
    }

    @Test func endpointsComeAndGo() async throws {
        try await withSender(start: false) { sender in
            for n in 0..<5 { _ = try await sender.endpoints.create("https://example.com/\(n)") }
            let first = try await sender.endpoints.list(limit: 2)
            #expect(first.items.map(\.url) == ["https://example.com/0", "https://example.com/1"])
            let rest = try await sender.endpoints.list(cursor: first.cursor)
            #expect(rest.items.count == 3)
            #expect(rest.cursor == nil)
            let id = first.items[0].id
            #expect(try await sender.endpoints.disable(id))
            #expect(try await !sender.endpoints.disable(id))
            #expect(try await sender.endpoints.get(id).status == .disabled(.user))
            #expect(try await sender.endpoints.all(active: false).reduce(into: []) { $0.append($1.id) } == [id])
            #expect(try await sender.endpoints.enable(id))
            try await sender.endpoints.delete(id)
            let error = await thrown { try await sender.endpoints.get(id) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func aSecretIsRotated() async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        try await withSender { sender in
            let created = try await sender.endpoints.create(receiver.url)
            let old = try #require(created.secret)
            let new = try await sender.endpoints.rotateSecret(created.id)
            try await sender.send("a", 1)
            try await drain(sender)
            let request = try #require(receiver.requests.first)
            for secret in [old, new] {
                let webhook = try Webhook([secret])
                #expect(throws: Never.self) { try webhook.verify(request.body, RequestHeaders(request.headers)) }
            }
            let last = try await sender.endpoints.rotateSecret(created.id, secret: .generate(), overlap: .zero)
            try await sender.send("a", 2)
            try await drain(sender)
            let later = try #require(receiver.requests.last)
            #expect(throws: Never.self) {
                try Webhook([last]).verify(later.body, RequestHeaders(later.headers))
            }
            #expect(throws: HooksealError.self) {
                try Webhook([old]).verify(later.body, RequestHeaders(later.headers))
            }
        }
    }

    @Test func whatFailedIsInTheLogAndIsDeliveredAgain() async throws {
        let count = Counter()
        let receiver = try Receiver { _ in
            Receiver.Answer(status: count.next() <= 2 ? 500 : 200, body: Data("oh".utf8))
        }
        defer { receiver.close() }
        try await withSender { sender in
            let settings = EndpointSettings(retry: try RetryPolicy([.milliseconds(10)]))
            let endpoint = try await sender.endpoints.create(receiver.url, settings)
            let begun = Date(timeIntervalSinceNow: -1)
            let message = try await sender.send("a.b", ["n": 1], tenant: "t")
            try await drain(sender)
            let detail = try await sender.deliveries.get(try #require(message.deliveries.first))
            let delivery = detail.delivery
            #expect(delivery.status == .failed)
            #expect(delivery.trigger == .event)
            #expect((delivery.endpoint, delivery.message, delivery.type) == (endpoint.id, message.id, "a.b"))
            #expect((delivery.attemptCount, delivery.responseCode) == (2, 500))
            #expect(delivery.errorCode == nil && delivery.due == nil)
            #expect(detail.attempts.map(\.number) == [1, 2])
            #expect(detail.attempts.allSatisfy { $0.responseCode == 500 && $0.responseBody == Data("oh".utf8) })
            #expect(detail.body == receiver.requests.first?.body)
            let filter = DeliveryFilter(
                endpoint: endpoint.id, status: .failed, types: ["a.*"], tenant: "t", responseClass: .serverError,
                since: begun, until: Date(timeIntervalSinceNow: 60))
            #expect(try await sender.deliveries.list(filter).items == [delivery])
            let again = try await sender.deliveries.retry(delivery.id)
            try await drain(sender)
            let repeated = try await sender.deliveries.get(again).delivery
            #expect(repeated.status == .delivered)
            #expect(repeated.trigger == .manual)
            #expect(repeated.parent == delivery.id)
            #expect(Set(receiver.requests.map(\.body)).count == 1)
            let job = try await sender.deliveries.retryFailed(begun)
            #expect(try await until { try await sender.jobs.get(job.id).isFinished })
        }
    }

    @Test func theLogIsReadPageByPageAndExported() async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        try await withSender { sender in
            _ = try await sender.endpoints.create(receiver.url)
            try await sender.sendMany((0..<250).map { try NewMessage("a", $0, id: "m\($0)") })
            try await drain(sender)
            let all = try await sender.deliveries.all().reduce(into: []) { $0.append($1.message) }
            #expect(all == (0..<250).reversed().map { "m\($0)" })
            var lines = Data()
            for try await chunk in sender.export(DeliveryFilter(status: .delivered)) { lines.append(chunk) }
            #expect(lines.split(separator: UInt8(ascii: "\n")).count == 250)
            #expect(String(decoding: lines, as: UTF8.self).hasPrefix("{"))
            for try await _ in sender.export() { break }
            #expect(try await sender.usage().credits == 0)
            let stats = try await sender.stats()
            #expect((stats.sent, stats.delivered) == (250, 250))
            #expect(stats.isDispatching)
            #expect(try await sender.prometheus().contains("hookseal"))
        }
    }

    @Test func creditsAndTests() async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        let provider = try Provider.builtin("kakiyo")
        try await withSender(provider: provider) { sender in
            let type = try #require(provider.events.first).name
            let endpoint = try await sender.endpoints.create(receiver.url, tenant: "team_1")
            let results = try await sender.sendTest(.endpoint(endpoint.id), type: type)
            #expect(results.map(\.delivered) == [true])
            #expect(results.first?.attempt?.responseCode == 200)
            #expect(try await sender.sendTest(.type(type, tenant: "team_1"), json: #"{"a":1}"#).count == 1)
            #expect(try await sender.usage().deliveries == 0)
            try await sender.send(type, ["a": 1], tenant: "team_1")
            try await drain(sender)
            let usage = try await sender.usage(tenant: "team_1")
            #expect((usage.deliveries, usage.credits) == (1, 2))
            #expect(try await sender.usage(until: Date(timeIntervalSinceNow: -3600)).credits == 0)
            #expect(try sender.example(type).type == type)
            #expect(receiver.requests.count == 3)
        }
    }

    @Test func deliveriesAreCanceledAndMessagesExpunged() async throws {
        try await withSender(start: false) { sender in
            _ = try await sender.endpoints.create("https://example.com/")
            let message = try await sender.send("a", 1)
            let delivery = try #require(message.deliveries.first)
            #expect(try await sender.deliveries.cancel(delivery))
            #expect(try await !sender.deliveries.cancel(delivery))
            #expect(try await sender.deliveries.get(delivery).delivery.status == .canceled)
            #expect(try await sender.messages.expunge(message.id))
            #expect(try await !sender.messages.expunge(key: message.key))
            #expect(try await sender.messages.get(message.id).body == nil)
        }
    }

    @Test func aStoreIsSealed() async throws {
        let store = try TemporaryStore()
        let key = try Secret.generate()
        let sealed = try Sender(store.url, key: key, retention: .forever)
        let endpoint = try await sealed.endpoints.create("https://example.com/")
        try await sealed.shutdown()
        let secret = try #require(endpoint.secret).expose()
        for file in try FileManager.default.contentsOfDirectory(at: store.folder, includingPropertiesForKeys: nil) {
            #expect(try Data(contentsOf: file).range(of: Data(secret.dropFirst(6).utf8)) == nil)
        }
        let error = thrown { try Sender(store.url, key: .generate()) }
        #expect(error?.code == .invalidSecret)
    }

    @Test func storesThatCannotBeOpened() throws {
        let store = try TemporaryStore()
        let file = store.folder.appendingPathComponent("hooks.db")
        try Data(repeating: 7, count: 8192).write(to: file)
        #expect(thrown { try Sender(store.url) }?.code == .storeSchema)
        #expect(thrown { try Sender("sqlite:/no/such/folder/hooks.db") }?.code == .storeUnavailable)
        #expect(thrown { try Sender("mysql://localhost") }?.code == .invalidArgument)
    }

    @Test func retentionIsSetUp() async throws {
        var times = try Retention.Times()
        #expect(times.held == .seconds(7 * 86_400))
        #expect(times.ids == .seconds(90 * 86_400))
        times.attempts = .seconds(60)
        let sender = try Sender("memory:", retention: .times(times))
        try await sender.shutdown()
        times.bodies = .seconds(-1)
        #expect(throws: HooksealError.self) { try Sender("memory:", retention: .times(times)) }
    }
}
