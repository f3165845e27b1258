// The vectors that every language runs: tests/vectors, through the public API.
import Foundation
import Hookseal
import Testing

@Suite struct VectorTests {
    @Test(arguments: try VectorFile.names()) func vectors(name: String) throws {
        let file = try VectorFile.read(name)
        let cases = try #require(file.cases)
        #expect(!cases.isEmpty)
        let provider = try file.toml.map(Provider.fromTOML) ?? .builtin(try #require(file.provider))
        for vector in cases {
            let outcome = try verify(provider, vector)
            #expect(outcome == vector.expect, "\(vector.name)")
            if let options = vector.sign { try sign(provider, vector, options) }
        }
    }

    @Test func thereAreAsManyAsThereAreFiles() throws {
        #expect(try VectorFile.names().count > 140)
    }

    private func verify(_ provider: Provider, _ vector: Vector) throws -> String {
        let event: Event
        do {
            let now = vector.now.map(Date.init(timeIntervalSince1970:))
            let webhook = try Webhook(vector.secrets.map { try Secret($0) }, provider: provider)
            event = try webhook.verify(
                vector.bytes, RequestHeaders(vector.shown), now: now, url: vector.url, method: vector.method)
        } catch let error as HooksealError {
            return error.code.rawValue
        }
        #expect(event.body == vector.bytes)
        if let index = vector.keyIndex { #expect(event.keyIndex == index, "\(vector.name)") }
        if let expected = vector.event {
            if let id = expected.id { #expect(event.id == id.value, "\(vector.name)") }
            if let type = expected.type { #expect(event.type == type.value, "\(vector.name)") }
            if let timestamp = expected.timestamp {
                let millis = event.timestamp.map { ($0.timeIntervalSince1970 * 1000).rounded() }
                #expect(millis == timestamp.value, "\(vector.name)")
            }
        }
        return "valid"
    }

    private func sign(_ provider: Provider, _ vector: Vector, _ options: Vector.Sign) throws {
        let webhook = try Webhook(vector.secrets.map { try Secret($0) }, provider: provider)
        let signed = try webhook.sign(
            vector.bytes, id: options.id, timestamp: options.timestamp.map(Date.init(timeIntervalSince1970:)),
            type: options.type, url: options.url, method: options.method)
        let expected = vector.headers.map { ($0[0].lowercased(), $0[1]) }
        #expect(signed == Dictionary(expected, uniquingKeysWith: { $1 }), "\(vector.name)")
    }
}

struct VectorFile: Decodable {
    let provider: String?
    let toml: String?
    let cases: [Vector]?

    static let folder = "tests/vectors"

    static func names() throws -> [String] {
        let folder = Project.root.appendingPathComponent(folder).path
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter {
            try $0.hasSuffix(".json") && read($0).cases != nil
        }
    }

    static func read(_ name: String) throws -> VectorFile {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(VectorFile.self, from: Project.read("\(folder)/\(name)"))
    }
}

struct Vector: Decodable {
    struct Sign: Decodable {
        let id: String?
        let timestamp: Double?
        let type: String?
        let url: String?
        let method: String?
    }

    struct Expected: Decodable {
        let id: Said<String>?
        let type: Said<String>?
        let timestamp: Said<Double>?

        enum Keys: String, CodingKey { case id, type, timestamp }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            id = try values.contains(.id) ? values.decode(Said.self, forKey: .id) : nil
            type = try values.contains(.type) ? values.decode(Said.self, forKey: .type) : nil
            timestamp = try values.contains(.timestamp) ? values.decode(Said.self, forKey: .timestamp) : nil
        }
    }

    /// What is said, be it that there is none.
    struct Said<Value: Decodable>: Decodable {
        let value: Value?

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            value = single.decodeNil() ? nil : try single.decode(Value.self)
        }
    }

    let name: String
    let secrets: [String]
    let headers: [[String]]
    let body: String?
    let bodyBase64: String?
    let method: String?
    let url: String?
    let now: Double?
    let expect: String
    let event: Expected?
    let keyIndex: Int?
    let sign: Sign?

    var bytes: Data { bodyBase64.flatMap { Data(base64Encoded: $0) } ?? Data((body ?? "").utf8) }

    /// The headers with each byte a character, as servers show them.
    var shown: [(String, String)] {
        headers.map { ($0[0], String(String.UnicodeScalarView($0[1].utf8.map(UnicodeScalar.init)))) }
    }
}
