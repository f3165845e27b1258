import Foundation
import HooksealEvents
import Testing

@testable import Hookseal

@Suite struct TypedEventTests {
    private let acme: Provider

    init() throws {
        acme = try .load(Project.root.appendingPathComponent("tests/typegen/acme.toml").path)
    }

    @Test func theTypeSaysTheData() throws {
        let event = try Provider.builtin("webkasa").example("booking.created")
        guard case .bookingCreated(let booking) = try event.typed(as: Webkasa.Event.self) else {
            Issue.record("it is another event")
            return
        }
        let data = try event.data(as: Webkasa.BookingCreated.self)
        #expect(booking == data)
        #expect(booking.attendeeEmail.contains("@"))
    }

    /// The vendors' own examples are of the types that were made of them, and all that these say is there.
    @Test func theExamplesOfAllCatalogs() throws {
        func read<Typed: TypedEvent & Equatable>(_ type: Typed.Type, _ provider: String, not unknown: Typed) throws {
            let provider = try Provider.builtin(provider)
            let types = provider.events.filter { $0.example != nil }
            #expect(!types.isEmpty)
            for event in types {
                #expect(try provider.example(event.name).typed(as: Typed.self) != unknown)
            }
        }
        try read(Kagibag.Event.self, "kagibag", not: .unknown)
        try read(Kakiyo.Event.self, "kakiyo", not: .unknown)
        try read(Kazinex.Event.self, "kazinex", not: .unknown)
        try read(Webkasa.Event.self, "webkasa", not: .unknown)
    }

    @Test func whatIsNotListed() throws {
        let event = try Provider.builtin("webkasa").event("booking.moved", json: "[]")
        #expect(try event.typed() == Webkasa.Event.unknown)
    }

    @Test func dataOfAnotherShape() throws {
        let provider = try Provider.builtin("webkasa")
        let mine = try provider.event("booking.created", json: #"{"id": 4711}"#)
        let error = try #require(thrown { try mine.typed(as: Webkasa.Event.self) })
        #expect(error.code == .invalidPayload)
        #expect(error.message == "The data of booking.created has another shape than its type says at id.")
        let short = try provider.event("booking.created", json: #"{"id": "a"}"#)
        #expect(thrown { try short.typed(as: Webkasa.Event.self) }?.message.hasSuffix(" at schedule_id.") == true)
        let deep = try received("order.paid", paid.replacingOccurrences(of: "\"sku\": \"b\"", with: "\"sku\": 2"))
        #expect(thrown { try deep.typed(as: Acme.Event.self) }?.message.hasSuffix(" at items[1].sku.") == true)
    }

    @Test func aFileOfOnesOwn() throws {
        guard case .orderPaid(let order) = try received("order.paid", paid).typed(as: Acme.Event.self) else {
            Issue.record("it is another event")
            return
        }
        #expect(order.status == .partPaid)
        #expect(order.`class` == "a")
        #expect(order.when == .null)
        #expect(order.huge == 0x1p64)
        #expect(order.matrix == [[1, 2], [nil]])
        #expect(order.mixed == [.integer(1), .string("a"), .object(["b": .array([.bool(true), .number(1.5)])])])
        #expect(order.note == nil)
        #expect(order.buyer.address == nil)
        #expect(order.items.map(\.kind) == [Acme.OrderPaidItemsKind(rawValue: "rubber"), nil])
        #expect(try received("ids", #"["a"]"#).typed() == Acme.Event.ids(["a"]))
        #expect(try received("42", "1").typed() == Acme.Event.field42(1))
        #expect(try received("it's \"quoted\"", "null").typed() == Acme.Event.itSQuoted(.null))
    }

    @Test func whatIsMadeOfAFile() async throws {
        let mine = String(decoding: try Project.read("swift/Tests/HooksealTests/Acme.swift"), as: UTF8.self)
        #expect(try acme.typedEventsSource() == mine)
        let file = Project.root.appendingPathComponent("tests/typegen/acme.toml").path
        #expect(try await said([file], by: "hookseal-typegen") == mine)
        #expect(thrown { try Provider.builtin("stripe").typedEventsSource() }?.code == .invalidArgument)
    }

    @Test func anyJSONIsWrittenAsItWasRead() throws {
        let text = #"{"a":[1,-2,1.5,"x",true,null,{}],"b":9223372036854775807}"#
        #expect(try json(JSONDecoder().decode(JSON.self, from: Data(text.utf8))) == text)
    }

    private func received(_ type: String, _ data: String) throws -> Event {
        let webhook = try Webhook("a-secret-of-more-than-16-bytes", provider: acme)
        let body = Data(#"{"id": "a", "type": \#(try json(type)), "at": 1, "data": \#(data)}"#.utf8)
        return try webhook.verify(body, webhook.sign(body))
    }

    private let paid = #"""
        {"id": 1, "type": "order", "status": "PART_PAID", "self": true, "self_": false, "first-name": "Ada",
        "firstName": "Ada", "class": "a", "str": "b", "__init": 1, "when": null, "huge": 18446744073709551615,
        "buyer": {"name": "Ada", "vip": null}, "items": [{"sku": "a", "count": 2, "price": 3, "kind": "rubber"},
        {"sku": "b", "note": "c", "count": 2.5, "price": 4, "kind": null}], "tags": [], "matrix": [[1, 2], [null]],
        "mixed": [1, "a", {"b": [true, 1.5]}]}
        """#
}
