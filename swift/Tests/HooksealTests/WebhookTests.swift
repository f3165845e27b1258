import Foundation
import Hookseal
import Testing

private let standard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
private let body = Data(
    #"{"id":"evt_1","type":"user.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":7}}"#.utf8)

@Suite struct WebhookTests {
    struct User: Codable, Equatable {
        let id: Int
    }

    @Test func whatIsSignedIsVerified() throws {
        let webhook = try Webhook(standard)
        let headers = try webhook.sign(body, id: "msg_1")
        #expect(headers["webhook-id"] == "msg_1")
        let event = try webhook.verify(body, headers)
        #expect(event.id == "msg_1")
        #expect(event.type == "user.created")
        #expect(event.timestamp == Date(timeIntervalSince1970: 1_767_225_600))
        #expect(event.body == body)
        #expect(try event.data(as: User.self) == User(id: 7))
        #expect(try event.dataJSON == #"{"id":7}"#)
        #expect(try event.payload(as: [String: JSONValue].self)["type"] == .text("user.created"))
        #expect(try Data(event.payloadJSON.utf8) == body)
    }

    @Test func bodiesAndHeadersInTheFormsThatServersHave() throws {
        let webhook = try Webhook(standard)
        let headers = try webhook.sign([UInt8](body))
        let labeled = headers.map { (name: $0.key.uppercased(), value: $0.value) }
        #expect(try webhook.verify([UInt8](body), RequestHeaders(labeled)).body == body)
        #expect(try webhook.verify(body[...], RequestHeaders(headers.map { ($0.key, $0.value) })).body == body)
        #expect(throws: HooksealError.self) { try webhook.verify(body, [:]) }
    }

    @Test func whatIsTamperedWithIsRefused() throws {
        let webhook = try Webhook(standard)
        let headers = try webhook.sign(body)
        let error = try #require(thrown { try webhook.verify(body + Data(" ".utf8), headers) })
        #expect(error.code == .signatureMismatch)
        #expect(error.kind == .verification)
        #expect(error.httpStatus == 401)
        let late = Date(timeIntervalSinceNow: 3600)
        #expect(thrown { try webhook.verify(body, headers, now: late) }?.code == .timestampTooOld)
        let lenient = try Webhook([Secret(standard)], tolerance: Tolerance(.seconds(7200)))
        #expect(throws: Never.self) { try lenient.verify(body, headers, now: late) }
        let strict = try Webhook([Secret(standard)], tolerance: Tolerance(past: .seconds(7200), future: .zero))
        let early = Date(timeIntervalSinceNow: -60)
        #expect(thrown { try strict.verify(body, headers, now: early) }?.code == .timestampTooNew)
        #expect(thrown { try webhook.verify(body, RequestHeaders([:])) }?.code == .missingHeader)
    }

    @Test func rotation() throws {
        let (old, new) = (try Secret.generate(), try Secret.generate())
        let (before, after) = (try Webhook([old]), try Webhook([new, old]))
        #expect(try after.verify(body, before.sign(body)).keyIndex == 1)
        #expect(try after.verify(body, after.sign(body)).keyIndex == 0)
        #expect(try before.verify(body, after.sign(body)).body == body)
        #expect(throws: HooksealError.self) { try Webhook([new]).verify(body, before.sign(body)) }
    }

    @Test func asymmetricKeys() throws {
        let key = try Secret.generatePrivateKey()
        let headers = try Webhook([key]).sign(body)
        let receiver = try Webhook([key.public()])
        #expect(try receiver.verify(body, headers).body == body)
        let error = try #require(thrown { try receiver.sign(body) })
        #expect(error.code == .invalidSecret)
    }

    @Test func whatAServerNeedsBesides() throws {
        #expect(try publicURL("https://example.com", "/hooks?a=b") == "https://example.com/hooks?a=b")
        #expect(try maxBody() == 1 << 20)
        #expect(try Webhook(standard).headerNames.contains("webhook-signature"))
        let weak = try Webhook(" short ", provider: .builtin("github")).warnings.map(\.code)
        #expect(Set(weak) == [.weakSecret, .trimmedSecret])
    }

    /// Whatever comes, the answer is a refusal.
    @Test func requestsOfStrangers() throws {
        let webhooks = try providers().filter { !$0.secretOptional }.compactMap { provider in
            try? Webhook([Secret.generate(provider)], provider: provider)
        }
        #expect(webhooks.count > 100)
        var numbers = SystemRandomNumberGenerator()
        for webhook in webhooks {
            let names = try webhook.headerNames
            for length in [0, 1, 100, 5000] {
                let noise = Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &numbers) })
                let text = String(decoding: noise, as: UTF8.self)
                let headers = RequestHeaders(names.flatMap { [($0, text), ($0.uppercased(), "t=1,v1=\(text)")] })
                let url = "https://example.com/\(length)"
                let error = thrown { try webhook.verify(noise, headers, url: url, method: "POST") }
                #expect(error?.kind == .verification, "\(webhook.provider)")
            }
        }
    }
}

@Suite struct SecretTests {
    @Test func itIsNeverShown() throws {
        let secret = try Secret(standard)
        #expect(try secret.expose() == standard)
        var dumped = ""
        dump(secret, to: &dumped)
        let webhook = try Webhook([secret])
        let endpoint = try Endpoint("https://example.com", [secret], headers: ["authorization": "MfKQ9"])
        dump((webhook, endpoint), to: &dumped)
        let settings = EndpointSettings(headers: ["authorization": "MfKQ9"])
        dump(settings, to: &dumped)
        for shown in ["\(secret)", String(reflecting: secret), dumped, "\(webhook) \(endpoint) \(settings)"] {
            #expect(!shown.contains("MfKQ9"))
        }
        #expect("\(secret)" == "Secret([redacted])")
    }

    @Test func errorsDoNotShowItEither() throws {
        let mistaken = "whsec_this is no base64 at all!"
        let error = try #require(thrown { try Webhook(mistaken) })
        #expect(error.code == .invalidSecret)
        #expect(!"\(error)".contains("base64 at all"))
    }

    @Test func anEmptyOneIsRefused() throws {
        #expect(thrown { try Secret("") }?.code == .invalidSecret)
        #expect(thrown { try Secret(" \n") }?.code == .invalidSecret)
        #expect(thrown { try Secret(bytes: Data()) }?.code == .invalidSecret)
        #expect(thrown { try Secret(bytes: [0xff] as [UInt8]).expose() }?.code == .invalidSecret)
    }
}

enum JSONValue: Decodable, Equatable {
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
        let value = try? decoder.singleValueContainer().decode(String.self)
        self = value.map(JSONValue.text) ?? .other
    }
}
