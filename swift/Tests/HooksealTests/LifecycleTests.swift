import Foundation
import Hookseal
import Testing

@Suite struct LifecycleTests {
    /// A task that is canceled before stores nothing; one that is canceled meanwhile knows what it stored.
    @Test func aCanceledTaskLosesNoDelivery() async throws {
        let (store, receiver) = (try TemporaryStore(), try Receiver())
        defer { receiver.close() }
        var stored: Set<String> = []
        try await withSender(at: store.url) { sender in
            _ = try await sender.endpoints.create(receiver.url)
            for n in 0..<60 {
                let task = Task { try await sender.send("a", n, id: "m\(n)").id }
                if n % 3 == 0 { try await Task.sleep(for: .microseconds(n * 20)) }
                task.cancel()
                switch await task.result {
                case .success(let id): stored.insert(id)
                case .failure(let error): #expect(error is CancellationError)
                }
            }
        }
        #expect(!stored.isEmpty)
        try await withSender(at: store.url) { sender in
            try await drain(sender)
            #expect(Set(receiver.requests.map(idOf)) == stored)
        }
    }

    @Test func aCanceledTaskStopsWaiting() async throws {
        let gate = Gate()
        let receiver = try Receiver { _ in Receiver.Answer(gate: gate) }
        defer {
            gate.open()
            receiver.close()
        }
        try await withSender { sender in
            let settings = EndpointSettings(timeout: .seconds(300))
            let endpoint = try await sender.endpoints.create(receiver.url, settings)
            let message = try await sender.send("a", 1)
            #expect(try await !sender.waitIdle(timeout: .milliseconds(50)))
            let waits: [@Sendable () async throws -> Void] = [
                { try await sender.waitIdle() },
                { for try await _ in sender.notices() {} },
                { try await sender.sendTest(.endpoint(endpoint.id), type: "a", json: "1") },
            ]
            for wait in waits {
                let task = Task { try await wait() }
                try await Task.sleep(for: .milliseconds(100))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            gate.open()
            try await drain(sender)
            let delivery = try await sender.deliveries.get(try #require(message.deliveries.first)).delivery
            #expect(delivery.status == .delivered)
        }
    }

    @Test func whatIsNotDeliveredYetIsWhenTheStoreIsOpenedAgain() async throws {
        let (store, receiver) = (try TemporaryStore(), try Receiver())
        defer { receiver.close() }
        try await withSender(at: store.url, start: false) { sender in
            _ = try await sender.endpoints.create(receiver.url)
            try await sender.send("a", 1, id: "kept")
        }
        try await withSender(at: store.url) { sender in
            try await drain(sender)
        }
        #expect(receiver.requests.map(idOf) == ["kept"])
    }

    @Test func shutdownTwice() async throws {
        let store = try TemporaryStore()
        let sender = try Sender(store.url)
        try await sender.start()
        try await sender.start()
        async let first: Void = sender.shutdown()
        async let second: Void = sender.shutdown()
        _ = try await (first, second)
        try await sender.shutdown()
        let error = await thrown { try await sender.send("a", 1) }
        #expect(error?.code == .closed)
    }

    /// The store is closed when nobody holds the sender or a part of it any more.
    @Test func aSenderThatIsGoneShutsDown() async throws {
        let (store, receiver) = (try TemporaryStore(), try Receiver())
        defer { receiver.close() }
        var endpoints: Endpoints? = try await {
            let sender = try Sender(store.url, allowHTTP: true, allowPrivate: true)
            try await sender.start()
            _ = try await sender.endpoints.create(receiver.url)
            return sender.endpoints
        }()
        #expect(try await endpoints?.list().items.count == 1)
        endpoints = nil
        let log = store.folder.appendingPathComponent("hooks.db-wal").path
        #expect(try await until { !FileManager.default.fileExists(atPath: log) })
        for _ in 0..<20 { _ = try Sender(store.url) }
        try await withSender(at: store.url) { sender in
            try await sender.send("a", 1)
            try await drain(sender)
        }
        #expect(receiver.requests.count == 1)
    }

    /// The same through the platform's own client.
    @Test func aSenderWithATransportOfThePlatform() async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        try await withSender(transport: URLSessionTransport()) { sender in
            let endpoint = try await sender.endpoints.create(receiver.url)
            for n in 0..<20 { try await sender.send("a", n) }
            try await drain(sender)
            #expect(receiver.requests.count == 20)
            let webhook = try Webhook([#require(endpoint.secret)])
            for request in receiver.requests {
                #expect(throws: Never.self) { try webhook.verify(request.body, RequestHeaders(request.headers)) }
            }
        }
    }
}
