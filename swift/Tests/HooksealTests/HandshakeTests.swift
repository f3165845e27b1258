import Foundation
import Hookseal
import Testing

@Suite struct HandshakeTests {
    private struct File: Decodable {
        let handshakes: [Handshake]
    }

    struct Handshake: Decodable {
        let name: String
        let provider: String
        let secrets: [String]
        let headers: [[String]]
        let body: String?
        let bodyBase64: String?
        let method: String?
        let url: String?
        let verifyToken: String?
        let now: Double?
        let expect: String
        let bodySent: String?
        let headersSent: [[String]]?
        let secretGiven: String?
    }

    @Test func theHandshakesOfAllLanguages() throws {
        let data = try Project.read("tests/vectors/handshakes.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let handshakes = try decoder.decode(File.self, from: data).handshakes
        let raw = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let rows = try #require(raw["handshakes"] as? [[String: Any]])
        #expect(handshakes.count > 20)
        for (handshake, row) in zip(handshakes, rows) {
            try check(handshake, json: row["json_sent"])
        }
    }

    private func check(_ handshake: Handshake, json: Any?) throws {
        let about: Comment = "\(handshake.name)"
        let answer: HandshakeAnswer?
        do {
            answer = try ask(handshake)
        } catch let error as HooksealError {
            #expect(error.code.rawValue == handshake.expect, about)
            return
        }
        #expect((answer == nil ? "none" : "answer") == handshake.expect, about)
        guard let answer else { return }
        if let body = handshake.bodySent { #expect(answer.body == body, about) }
        if let json {
            let sent = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? NSObject
            #expect(sent == json as? NSObject, about)
        }
        #expect(answer.headers.map { [$0.name, $0.value] } == handshake.headersSent, about)
        #expect(try answer.secret?.expose() == handshake.secretGiven, about)
    }

    private func ask(_ handshake: Handshake) throws -> HandshakeAnswer? {
        let provider = try Provider.builtin(handshake.provider)
        let body = handshake.bodyBase64.flatMap { Data(base64Encoded: $0) } ?? Data((handshake.body ?? "").utf8)
        let headers = RequestHeaders(handshake.headers.map { ($0[0], $0[1]) })
        let now = handshake.now.map(Date.init(timeIntervalSince1970:))
        if handshake.secrets.isEmpty {
            return try provider.handshake(
                body, headers, verifyToken: handshake.verifyToken, now: now, url: handshake.url,
                method: handshake.method)
        }
        let webhook = try Webhook(handshake.secrets.map { try Secret($0) }, provider: provider)
        return try webhook.handshake(
            body, headers, verifyToken: handshake.verifyToken, now: now, url: handshake.url,
            method: handshake.method)
    }
}
