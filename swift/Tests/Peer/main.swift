// The Swift peer of the all-pairs test; tests/pairs/README.md says what it reads and writes.
import Foundation
import Hookseal

struct Request: Decodable {
    let `do`: String
    let provider: String
    let secret: String
    let body: Data
    let id: String?
    let timestamp: Double?
    let type: String?
    let url: String?
    let headers: [[String]]?
    let now: Double?
}

func answer(_ request: Request) throws -> [String: Any] {
    let webhook = try Webhook(request.secret, provider: .builtin(request.provider))
    if request.do == "sign" {
        let signed = try webhook.sign(
            request.body, id: request.id, timestamp: request.timestamp.map(Date.init(timeIntervalSince1970:)),
            type: request.type, url: request.url)
        return ["headers": signed.map { [$0.key, $0.value] }]
    }
    let headers = RequestHeaders((request.headers ?? []).map { ($0[0], $0[1]) })
    let now = request.now.map(Date.init(timeIntervalSince1970:))
    return ["event": describe(try webhook.verify(request.body, headers, now: now, url: request.url))]
}

func describe(_ event: Event) -> [String: Any] {
    let data = (try? event.dataJSON).flatMap { json in
        try? JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
    }
    let timestamp = event.timestamp.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    return [
        "id": event.id ?? NSNull(), "type": event.type ?? NSNull(), "tenant": event.tenant ?? NSNull(),
        "timestamp": timestamp ?? NSNull(), "data": data ?? NSNull(),
    ]
}

while let line = readLine() {
    let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
    let result: [String: Any]
    do {
        result = try answer(request)
    } catch let error as HooksealError {
        result = ["error": error.code.rawValue]
    }
    FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: result) + Data("\n".utf8))
}
