import Foundation
import Hookseal
import Testing

@Suite struct ExplainTests {
    private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let body = Data(#"{"test": 2432232314}"#.utf8)
    private let compact = Data(#"{"test":2432232314}"#.utf8)
    private let now = Date(timeIntervalSince1970: 1_614_265_330)
    private let headers = [
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ]

    @Test func aBodyThatWasWrittenAgain() throws {
        let explanation = try Webhook(secret).explain(compact, headers, now: now, framework: .express)
        guard case .refused(let error) = explanation.verdict else {
            Issue.record("it was verified")
            return
        }
        #expect(error == thrown { try Webhook(secret).verify(compact, headers, now: now) })
        #expect(error.code == .signatureMismatch)
        #expect(explanation.provider == "standard")
        let finding = try #require(explanation.findings.first)
        #expect(explanation.findings.count == 1)
        #expect(finding.code == .bodyReserialized)
        #expect(finding.certainty == .certain)
        #expect(finding.what.contains("JSON with spaces"))
        #expect(finding.remedy.contains("express.raw"))
    }

    @Test func aRightRequest() throws {
        let explanation = try Webhook(secret).explain(body, headers, now: now)
        #expect(explanation.verdict == .verified)
        #expect(explanation.findings == [])
        #expect("\(explanation)" == "verified (standard)")
    }

    @Test func everyFormOfIt() throws {
        let explanation = try Webhook(secret).explain(compact, headers, now: now)
        #expect(explanation.description == explanation.text(color: false))
        #expect(explanation.text(color: true).contains("\u{1b}["))
        #expect(!explanation.description.contains("\u{1b}"))
        let json = try JSONSerialization.jsonObject(with: Data(explanation.json.utf8)) as? [String: Any]
        #expect(json?["code"] as? String == "signature_mismatch")
        #expect((json?["findings"] as? [[String: String]])?.first?["code"] == "body_reserialized")
    }

    @Test func allHeadersAreLookedAt() throws {
        let renamed = RequestHeaders(headers.map { ("X-Original-\($0.key)", $0.value) })
        let finding = try Webhook(secret).explain(body, renamed, now: now).findings.first
        #expect(finding?.code == .headerRenamed)
        #expect(finding?.certainty == .certain)
    }

    @Test func otherSecrets() throws {
        let other = "whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5"
        let explanation = try Webhook(other).explain(
            body, headers, now: now, otherSecrets: [Secret(other), Secret(secret)])
        #expect(explanation.findings.first?.code == .secretOther)
        #expect(explanation.findings.first?.what.contains("secret 1 of") == true)
        var dumped = ""
        dump(explanation, to: &dumped)
        #expect(!dumped.contains(secret.dropFirst(6)))
    }

    @Test func notesInDevelopment() throws {
        let webhook = try Webhook(secret, explainFailures: true)
        let error = try #require(thrown { try webhook.verify(compact, headers, now: now) })
        let explanation = try webhook.explain(compact, headers, now: now)
        #expect(error.notes == [explanation.description])
        #expect(error.notes.first?.contains("body_reserialized") == true)
        let named = try #require(thrown { try webhook.verify(compact, headers, now: now, framework: .express) })
        #expect(named.notes.first?.contains("express.raw") == true)
        #expect(error.message.hasPrefix("No signature matches."))
        #expect(throws: Never.self) { try webhook.verify(body, headers, now: now) }
        let quiet = try Webhook(secret, explainFailures: false)
        #expect(thrown { try quiet.verify(compact, headers, now: now) }?.notes == [])
        // Nor for mistakes of the caller: Square signs the url.
        let square = try Webhook(
            "a-secret-of-more-than-16-bytes", provider: .builtin("square"), explainFailures: true)
        let signed = try square.sign(body, url: "https://shop.example/hooks")
        let mistake = try #require(thrown { try square.verify(body, signed) })
        #expect(mistake.kind == .config)
        #expect(mistake.notes == [])
    }

    @Test func theListsAreThoseOfAllLanguages() throws {
        struct Lists: Decodable {
            struct Row: Decodable {
                let code: String
                let sentence: String
            }
            let findings: [Row]
            let certainties: [String]
            let frameworks: [String]
        }
        let lists = try JSONDecoder().decode(Lists.self, from: Project.read("tests/findings.json"))
        #expect(Finding.Code.allCases.map(\.rawValue) == lists.findings.map(\.code))
        #expect(Finding.Code.allCases.map(\.sentence) == lists.findings.map(\.sentence))
        #expect(Finding.Certainty.allCases.map(\.rawValue) == lists.certainties)
        #expect(Framework.allCases.map(\.rawValue) == lists.frameworks)
        for framework in Framework.allCases {
            #expect(throws: Never.self) {
                try Webhook(secret).explain(compact, headers, now: now, framework: framework)
            }
        }
    }
}
