import Foundation
import Hookseal
import Testing

private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/// Who makes the requests: the same must come of them.
enum Carriers: CaseIterable {
    case hookseal, urlSession

    var transport: (any Transport)? {
        switch self {
        case .hookseal: nil
        case .urlSession: URLSessionTransport()
        }
    }

    func client() throws -> Client {
        try Client(allowHTTP: true, allowPrivate: true, transport: transport)
    }
}

@Suite struct ClientTests {
    private let event: Event

    init() throws {
        event = try Provider.standard.event("user.created", ["id": 7])
    }

    @Test(arguments: Carriers.allCases) func whatArrivesIsVerified(carrier: Carriers) async throws {
        let receiver = try Receiver { _ in Receiver.Answer(headers: ["x-shown": "yes"], body: Data("thanks".utf8)) }
        defer { receiver.close() }
        let endpoint = try Endpoint(receiver.url, secret, headers: ["authorization": "Bearer token"])
        let delivery = try await carrier.client().deliver(endpoint, event)
        #expect(delivery.delivered)
        let attempt = try #require(delivery.attempts.first)
        #expect((delivery.attempts.count, attempt.number, attempt.responseCode) == (1, 1, 200))
        #expect(attempt.succeeded && attempt.error == nil)
        #expect(attempt.responseBody == Data("thanks".utf8))
        #expect(attempt.responseHeaders.contains { $0.name.lowercased() == "x-shown" && $0.value == "yes" })
        #expect(!attempt.requestHeaders.contains { $0.value.contains("token") })
        let request = try #require(receiver.requests.first)
        #expect(request.line == "POST /hooks HTTP/1.1")
        #expect(request.header("authorization") == "Bearer token")
        #expect(request.body == event.body)
        let came = try Webhook(secret).verify(request.body, RequestHeaders(request.headers))
        #expect((came.id, came.type) == (event.id, "user.created"))
    }

    @Test(arguments: Carriers.allCases) func failuresAreTriedAgain(carrier: Carriers) async throws {
        let count = Counter()
        let receiver = try Receiver { _ in Receiver.Answer(status: count.next() < 3 ? 500 : 200) }
        defer { receiver.close() }
        let retry = try RetryPolicy([.milliseconds(10), .milliseconds(10)])
        let endpoint = try Endpoint(receiver.url, secret, retry: retry)
        let delivery = try await carrier.client().deliver(endpoint, event)
        #expect(delivery.attempts.map(\.responseCode) == [500, 500, 200])
        #expect(Set(receiver.requests.map(\.body)) == [event.body])
        let disabling = try Receiver { _ in Receiver.Answer(status: 410) }
        defer { disabling.close() }
        #expect(try await carrier.client().deliver(Endpoint(disabling.url, secret), event).disableEndpoint)
    }

    @Test(arguments: Carriers.allCases) func redirectsAreNotFollowed(carrier: Carriers) async throws {
        let elsewhere = try Receiver()
        defer { elsewhere.close() }
        let target = elsewhere.url
        let receiver = try Receiver { _ in Receiver.Answer(status: 307, headers: ["location": target]) }
        defer { receiver.close() }
        let endpoint = try Endpoint(receiver.url, secret, retry: RetryPolicy([]))
        let delivery = try await carrier.client().deliver(endpoint, event)
        #expect(delivery.attempts.map(\.responseCode) == [307])
        #expect(!delivery.delivered && elsewhere.requests.isEmpty)
    }

    @Test(arguments: Carriers.allCases) func longAnswersAreCut(carrier: Carriers) async throws {
        let receiver = try Receiver { _ in Receiver.Answer(body: Data(repeating: 65, count: 4 << 20)) }
        defer { receiver.close() }
        let delivery = try await carrier.client().deliver(Endpoint(receiver.url, secret), event)
        let attempt = try #require(delivery.attempts.first)
        #expect(attempt.responseCode == 200 && attempt.responseTruncated)
        #expect(attempt.responseBody.count < 1 << 20)
    }

    @Test(arguments: Carriers.allCases) func theDeadlineHolds(carrier: Carriers) async throws {
        let gate = Gate()
        let receiver = try Receiver { _ in Receiver.Answer(gate: gate) }
        defer {
            gate.open()
            receiver.close()
        }
        let endpoint = try Endpoint(receiver.url, secret, timeout: .milliseconds(200), retry: RetryPolicy([]))
        let delivery = try await carrier.client().deliver(endpoint, event)
        #expect(delivery.attempts.map(\.error?.code) == [.timeout])
    }

    @Test(arguments: Carriers.allCases) func nobodyThere(carrier: Carriers) async throws {
        let receiver = try Receiver()
        receiver.close()
        let endpoint = try Endpoint(receiver.url, secret, retry: RetryPolicy([]))
        let delivery = try await carrier.client().deliver(endpoint, event)
        #expect(delivery.attempts.map(\.error?.code) == [.connectFailed])
        #expect(delivery.attempts[0].error?.kind == .delivery)
    }

    /// The guard stands before every transport.
    @Test(arguments: Carriers.allCases) func privateAddressesAreRefused(carrier: Carriers) async throws {
        let receiver = try Receiver()
        defer { receiver.close() }
        let guarded = try Client(allowHTTP: true, transport: carrier.transport)
        let code = { (url: String) async throws -> HooksealError.Code? in
            do {
                let delivery = try await guarded.deliver(Endpoint(url, secret, retry: RetryPolicy([])), event)
                return delivery.attempts.first?.error?.code
            } catch let error as HooksealError {
                return error.code
            }
        }
        #expect(try await code(receiver.url) == .blockedAddress)
        #expect(try await code("http://localhost:\(receiver.port)/") == .blockedAddress)
        #expect(try await code("http://169.254.169.254/") == .blockedAddress)
        let open = try Client(allowHTTP: true, allowPrivate: ["127.0.0.0/8"], transport: carrier.transport)
        #expect(try await open.deliver(Endpoint(receiver.url, secret), event).delivered)
        let closed = try Client(allowHTTP: true, allowPrivate: ["10.0.0.0/8"], transport: carrier.transport)
        await #expect(throws: HooksealError.self) { try await closed.deliver(Endpoint(receiver.url, secret), event) }
        let plain = try Client(allowPrivate: true, transport: carrier.transport)
        await #expect(throws: HooksealError.self) { try await plain.deliver(Endpoint(receiver.url, secret), event) }
        #expect(receiver.requests.count == 1)
    }

    @Test(arguments: Carriers.allCases) func aCanceledTaskStopsIt(carrier: Carriers) async throws {
        let gate = Gate()
        let receiver = try Receiver { _ in Receiver.Answer(gate: gate) }
        defer {
            gate.open()
            receiver.close()
        }
        let (client, endpoint) = (try carrier.client(), try Endpoint(receiver.url, secret))
        let task = Task { try await client.deliver(endpoint, event) }
        #expect(try await receiver.waitFor(1))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let never = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await client.deliver(endpoint, event)
        }
        await #expect(throws: CancellationError.self) { try await never.value }
        #expect(receiver.requests.count == 1)
    }
}

/// Counts from 1.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var last = 0

    var count: Int { lock.withLock { last } }

    func next() -> Int {
        lock.withLock {
            last += 1
            return last
        }
    }
}
