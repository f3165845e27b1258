import Foundation
import Hookseal
import Testing

@Suite struct ProviderTests {
    @Test func whatIsBuiltIn() throws {
        let all = try providers()
        #expect(all.count > 140)
        #expect(all.contains { $0.id == "stripe" })
        let webkasa = try Provider.builtin("webkasa")
        #expect(webkasa.name == "WebKasa")
        #expect(webkasa.httpsOnly && !webkasa.secretOptional)
        #expect(webkasa.timeout == .seconds(15))
        #expect(webkasa.retry.delays == [60, 300, 1800, 7200, 86_400].map { Duration.seconds($0) })
        #expect(webkasa.retry.maxAttempts == 6)
        #expect(webkasa.events.contains { $0.name == "booking.created" && $0.example != nil })
        #expect(try Provider.builtin("slack").hasHandshake)
        #expect("\(webkasa)" == "Provider(webkasa)")
    }

    @Test func oneOfYourOwn() throws {
        let path = Project.root.appendingPathComponent("examples/own-provider.toml").path
        let loaded = try Provider.load(path)
        let read = try Provider.fromTOML(String(contentsOfFile: path, encoding: .utf8))
        #expect(loaded.id == read.id)
        let secret = try Secret.generate(loaded)
        let event = try loaded.event("thing.happened", ["a": 1])
        let webhook = try Webhook([secret], provider: loaded)
        #expect(try webhook.verify(event.body, webhook.sign(event.body)).type == "thing.happened")
        let error = try #require(thrown { try Provider.fromTOML("id = 7") })
        #expect(error.code == .invalidProvider)
    }

    @Test func eventsAreWrittenAsTheProviderWritesThem() throws {
        struct Booking: Codable, Equatable {
            let id: String
            let at: Date
        }
        let booking = Booking(id: "bk/1", at: Date(timeIntervalSince1970: 1_767_225_600))
        let timestamp = Date(timeIntervalSince1970: 1_767_225_600.123)
        let event = try Provider.builtin("webkasa").event(
            "booking.created", booking, id: "evt_1", timestamp: timestamp)
        #expect((event.id, event.type) == ("evt_1", "booking.created"))
        #expect(abs(try #require(event.timestamp).timeIntervalSince(timestamp)) < 0.0005)
        #expect(try event.dataJSON == #"{"at":"2026-01-01T00:00:00Z","id":"bk/1"}"#)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try event.data(as: Booking.self, decoder: decoder) == booking)
        #expect(!"\(event)".contains("bk/1"))
    }

    @Test func dataThatIsNoJSON() throws {
        let provider = Provider.standard
        #expect(thrown { try provider.event("a", [Double.nan]) }?.code == .invalidArgument)
        #expect(thrown { try provider.event("a", json: "{") }?.code == .invalidArgument)
    }

    @Test func examples() throws {
        let event = try Provider.builtin("webkasa").example("booking.created")
        #expect(event.type == "booking.created")
        let error = try #require(thrown { try Provider.builtin("webkasa").example("no.such") })
        #expect(error.code == .invalidArgument)
    }
}

@Suite struct RetryPolicyTests {
    @Test func whatHappensNext() throws {
        let policy = try RetryPolicy([.seconds(1), .milliseconds(2500)])
        let now = Date(timeIntervalSince1970: 1_767_225_600)
        /// In milliseconds.
        func delay(_ attempt: Int, _ outcome: RetryPolicy.Outcome) throws -> Double? {
            guard case .retry(let at) = try policy.next(attempt, outcome, now: now) else { return nil }
            return (at.timeIntervalSince(now) * 1000).rounded()
        }
        #expect(try delay(1, .status(500)) == 1000)
        #expect(try delay(2, .failed(.timeout)) == 2500)
        #expect(try delay(1, .status(503, retryAfter: "30")) == 30_000)
        #expect(try policy.next(1, .status(204), now: now) == .done)
        #expect(try policy.next(3, .status(500), now: now) == .giveUp)
        #expect(try Provider.standard.retry.next(1, .status(410), now: now) == .disable)
    }

    @Test func exponential() throws {
        let policy = try RetryPolicy.exponential(.seconds(30), factor: 4, count: 3, cap: .seconds(400))
        #expect(policy.delays == [.seconds(30), .seconds(120), .seconds(400)])
        #expect(throws: HooksealError.self) { try RetryPolicy.exponential(.seconds(1), factor: -1, count: 1) }
        #expect(throws: HooksealError.self) { try RetryPolicy.exponential(.seconds(1), factor: 2, count: -1) }
    }
}
