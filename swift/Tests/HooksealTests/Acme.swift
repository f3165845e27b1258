// The events of Acme * / ''' /N. Made from its provider file: change that, not this.
// swift-format-ignore-file
import Hookseal

/// The events of Acme * / ''' /N.
public enum Acme {
    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {
        /// An order was paid: ''' * / {} /u.
        case orderPaid(OrderPaid)
        /// Its name is that of another.
        case orderPaid2(OrderPaid2)
        /// Its name is that of another's event.
        case orderPaidEvent(OrderPaidEvent2)
        /// Its name is that of all.
        case event(Event2)
        /// Nothing is known of it.
        case itSQuoted(JSON)
        /// Its data is a list.
        case ids([String])
        /// Its data is a number.
        case field42(Int64)
        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {
            switch event.type {
            case "order.paid": self = .orderPaid(try event.data())
            case "order_paid": self = .orderPaid2(try event.data())
            case "order.paid.event": self = .orderPaidEvent(try event.data())
            case "event": self = .event(try event.data())
            case "it's \"quoted\"": self = .itSQuoted(try event.data())
            case "ids": self = .ids(try event.data())
            case "42": self = .field42(try event.data())
            default: self = .unknown
            }
        }
    }

    /// An order was paid: ''' * / {} /u.
    public struct OrderPaid: Codable, Hashable, Sendable {
        public let id: Int64
        public let type: String
        /// How far it is.
        public let status: OrderPaidStatus
        public let price: Double?
        public let self2: Bool
        public let self3: Bool
        public let firstName: String
        public let firstName2: String
        public let `class`: String
        public let str: String
        public let init2: Int64
        public let when: JSON
        public let huge: Double
        public let buyer: OrderPaidBuyer
        public let items: [OrderPaidItems]
        public let tags: [String]
        public let matrix: [[Int64?]]
        public let mixed: [JSON]
        public let note: [JSON]?

        enum CodingKeys: String, CodingKey {
            case id
            case type
            case status
            case price
            case self2 = "self"
            case self3 = "self_"
            case firstName = "first-name"
            case firstName2 = "firstName"
            case `class`
            case str
            case init2 = "__init"
            case when
            case huge
            case buyer
            case items
            case tags
            case matrix
            case mixed
            case note
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidItems: Codable, Hashable, Sendable {
        public let sku: String
        public let count: Double
        public let price: Double
        public let kind: OrderPaidItemsKind?
        public let note: String?

        enum CodingKeys: String, CodingKey {
            case sku
            case count
            case price
            case kind
            case note
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidItemsKind: RawRepresentable, Codable, Hashable, Sendable {
        public static let book = OrderPaidItemsKind(rawValue: "book")
        public static let pen = OrderPaidItemsKind(rawValue: "pen")

        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidBuyer: Codable, Hashable, Sendable {
        public let name: String
        public let vip: JSON
        public let address: OrderPaidBuyerAddress?
        public let email: String?

        enum CodingKeys: String, CodingKey {
            case name
            case vip
            case address
            case email
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidBuyerAddress: Codable, Hashable, Sendable {
        public let city: String

        enum CodingKeys: String, CodingKey {
            case city
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidStatus: RawRepresentable, Codable, Hashable, Sendable {
        public static let paid = OrderPaidStatus(rawValue: "paid")
        public static let partPaid = OrderPaidStatus(rawValue: "PART_PAID")
        public static let itSOdd = OrderPaidStatus(rawValue: "it's \"odd\"")
        public static let other = OrderPaidStatus(rawValue: "other")

        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// Its name is that of another.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct OrderPaid2: Codable, Hashable, Sendable {
        public let late: Bool?

        enum CodingKeys: String, CodingKey {
            case late
        }
    }

    /// Its name is that of another's event.
    public struct OrderPaidEvent2: Codable, Hashable, Sendable {}

    /// Its name is that of all.
    public struct Event2: Codable, Hashable, Sendable {
        public let text: String

        enum CodingKeys: String, CodingKey {
            case text
        }
    }
}
