import Foundation
import Hookseal
import Testing

@Suite struct TransportTests {
    /// Answers by itself.
    private struct Canned: Transport {
        let answer: @Sendable (TransportRequest) async throws -> TransportResponse

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            try await answer(request)
        }
    }

    private struct Mishap: Error {
        let token = "hush"
    }

    private func deliver(
        timeout: Duration = .seconds(30),
        _ answer: @escaping @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> Attempt {
        let client = try Client(allowHTTP: true, allowPrivate: true, transport: Canned(answer: answer))
        let endpoint = try Endpoint(
            "http://127.0.0.1:9/hooks?token=hush", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", timeout: timeout,
            retry: RetryPolicy([]))
        let event = try Provider.standard.event("a", ["b": "hush"])
        return try #require(try await client.deliver(endpoint, event).attempts.first)
    }

    @Test func whatItIsGiven() async throws {
        let attempt = try await deliver { request in
            #expect(request.url == "http://127.0.0.1:9/hooks?token=hush")
            #expect(request.addresses == ["127.0.0.1:9"])
            #expect(request.headers.contains { $0.name == "webhook-signature" })
            #expect(!request.headers.contains { ["host", "content-length"].contains($0.name) })
            #expect(request.timeout > .seconds(20) && request.timeout <= .seconds(30))
            #expect(request.responseLimit > 1000)
            var dumped = "\(request)"
            dump(request, to: &dumped)
            #expect(!dumped.contains("hush"))
            let body = Data(repeating: 66, count: request.responseLimit + 1)
            return TransportResponse(status: 202, headers: [Header("X-Shown", "yes")], body: body)
        }
        #expect(attempt.succeeded && attempt.responseCode == 202 && attempt.responseTruncated)
        #expect(attempt.responseHeaders == [Header("x-shown", "yes")])
    }

    @Test func whatItThrows() async throws {
        let known = try await deliver { _ in throw HooksealError(.tlsFailed, "The certificate is old.") }
        #expect(known.error?.code == .tlsFailed)
        #expect(known.error?.message == "The certificate is old.")
        let foreign = try await deliver { _ in throw HooksealError(.storeFull, "What is this?") }
        #expect(foreign.error?.code == .protocolError)
        let mishap = try await deliver { _ in throw Mishap() }
        #expect(mishap.error?.code == .protocolError)
        #expect(!"\(mishap.error as Any)".contains("hush"))
    }

    @Test(arguments: [-1, 0, 99, 70_000]) func statusesThatAreNone(status: Int) async throws {
        let attempt = try await deliver { _ in TransportResponse(status: status) }
        #expect(attempt.error?.code == .protocolError)
        #expect(attempt.responseCode == nil)
    }

    @Test func headersThatAreNone() async throws {
        let attempt = try await deliver { _ in
            TransportResponse(status: 200, headers: [Header("a b", "c\r\nd")])
        }
        #expect(attempt.error?.code == .protocolError)
    }

    /// The task of a transport whose time is over is canceled.
    @Test func itIsToldWhenNobodyWaits() async throws {
        let canceled = Counter()
        let attempt = try await deliver(timeout: .milliseconds(100)) { _ in
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                _ = canceled.next()
            }
            return TransportResponse(status: 200)
        }
        #expect(attempt.error?.code == .timeout)
        #expect(try await until { canceled.count == 1 })
    }
}
