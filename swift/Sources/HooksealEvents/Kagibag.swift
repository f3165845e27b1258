// The events of Kagibag. Made from its provider file: change that, not this.
// swift-format-ignore-file
import Hookseal

/// The events of Kagibag.
public enum Kagibag {
    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {
        /// A tracked visitor completed an order (includes attribution data).
        case trackingAttributedOrder(TrackingAttributedOrder)
        /// An order was successfully paid.
        case orderPaid(OrderPaid)
        /// An attendee was checked in at the event.
        case attendeeCheckedIn(AttendeeCheckedIn)
        /// Two attendees connected at the event.
        case attendeeConnectionMade(AttendeeConnectionMade)
        /// A booth exhibitor captured a new lead.
        case boothLeadCaptured(BoothLeadCaptured)
        /// A badge was scanned at a booth.
        case boothScan(BoothScan)
        /// A connection was made between an attendee and exhibitor.
        case boothConnectionCreated(BoothConnectionCreated)
        /// A booth package was purchased.
        case boothOrderPaid(BoothOrderPaid)
        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {
            switch event.type {
            case "tracking.attributed_order": self = .trackingAttributedOrder(try event.data())
            case "order.paid": self = .orderPaid(try event.data())
            case "attendee.checked_in": self = .attendeeCheckedIn(try event.data())
            case "attendee.connection_made": self = .attendeeConnectionMade(try event.data())
            case "booth.lead_captured": self = .boothLeadCaptured(try event.data())
            case "booth.scan": self = .boothScan(try event.data())
            case "booth.connection_created": self = .boothConnectionCreated(try event.data())
            case "booth.order_paid": self = .boothOrderPaid(try event.data())
            default: self = .unknown
            }
        }
    }

    /// A tracked visitor completed an order (includes attribution data).
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct TrackingAttributedOrder: Codable, Hashable, Sendable {
        public let orderId: String?
        public let eventId: String?
        public let visitorId: String?
        public let total: TrackingAttributedOrderTotal?
        public let attribution: TrackingAttributedOrderAttribution?
        public let completedAt: String?

        enum CodingKeys: String, CodingKey {
            case orderId = "order_id"
            case eventId = "event_id"
            case visitorId = "visitor_id"
            case total
            case attribution
            case completedAt = "completed_at"
        }
    }

    /// Part of TrackingAttributedOrder.
    public struct TrackingAttributedOrderAttribution: Codable, Hashable, Sendable {
        public let source: String?
        public let medium: String?
        public let campaign: String?
        public let referrer: String?
        public let firstSeenAt: String?

        enum CodingKeys: String, CodingKey {
            case source
            case medium
            case campaign
            case referrer
            case firstSeenAt = "first_seen_at"
        }
    }

    /// Part of TrackingAttributedOrder.
    public struct TrackingAttributedOrderTotal: Codable, Hashable, Sendable {
        public let amount: Int64?
        public let currency: String?

        enum CodingKeys: String, CodingKey {
            case amount
            case currency
        }
    }

    /// An order was successfully paid.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct OrderPaid: Codable, Hashable, Sendable {
        public let orderId: String?
        public let eventId: String?
        public let status: String?
        public let total: OrderPaidTotal?
        public let buyer: OrderPaidBuyer?
        public let items: [OrderPaidItems]?
        public let paidAt: String?
        /// Whether it is a test that somebody sent.
        public let test: Bool?

        enum CodingKeys: String, CodingKey {
            case orderId = "order_id"
            case eventId = "event_id"
            case status
            case total
            case buyer
            case items
            case paidAt = "paid_at"
            case test
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidItems: Codable, Hashable, Sendable {
        public let ticketType: String?
        public let quantity: Int64?
        public let unitPrice: Int64?

        enum CodingKeys: String, CodingKey {
            case ticketType = "ticket_type"
            case quantity
            case unitPrice = "unit_price"
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidBuyer: Codable, Hashable, Sendable {
        public let name: String?
        public let email: String?

        enum CodingKeys: String, CodingKey {
            case name
            case email
        }
    }

    /// Part of OrderPaid.
    public struct OrderPaidTotal: Codable, Hashable, Sendable {
        public let amount: Int64?
        public let currency: String?

        enum CodingKeys: String, CodingKey {
            case amount
            case currency
        }
    }

    /// An attendee was checked in at the event.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct AttendeeCheckedIn: Codable, Hashable, Sendable {
        public let attendeeId: String?
        public let eventId: String?
        public let orderId: String?
        public let name: String?
        public let email: String?
        public let ticketType: String?
        public let gate: String?
        public let checkedInAt: String?

        enum CodingKeys: String, CodingKey {
            case attendeeId = "attendee_id"
            case eventId = "event_id"
            case orderId = "order_id"
            case name
            case email
            case ticketType = "ticket_type"
            case gate
            case checkedInAt = "checked_in_at"
        }
    }

    /// Two attendees connected at the event.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct AttendeeConnectionMade: Codable, Hashable, Sendable {
        public let connectionId: String?
        public let eventId: String?
        public let attendees: [AttendeeConnectionMadeAttendees]?
        public let connectedAt: String?

        enum CodingKeys: String, CodingKey {
            case connectionId = "connection_id"
            case eventId = "event_id"
            case attendees
            case connectedAt = "connected_at"
        }
    }

    /// Part of AttendeeConnectionMade.
    public struct AttendeeConnectionMadeAttendees: Codable, Hashable, Sendable {
        public let attendeeId: String?
        public let name: String?

        enum CodingKeys: String, CodingKey {
            case attendeeId = "attendee_id"
            case name
        }
    }

    /// A booth exhibitor captured a new lead.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BoothLeadCaptured: Codable, Hashable, Sendable {
        public let leadId: String?
        public let eventId: String?
        public let boothId: String?
        public let exhibitorId: String?
        public let attendee: BoothLeadCapturedAttendee?
        public let notes: String?
        public let rating: Int64?
        public let capturedAt: String?

        enum CodingKeys: String, CodingKey {
            case leadId = "lead_id"
            case eventId = "event_id"
            case boothId = "booth_id"
            case exhibitorId = "exhibitor_id"
            case attendee
            case notes
            case rating
            case capturedAt = "captured_at"
        }
    }

    /// Part of BoothLeadCaptured.
    public struct BoothLeadCapturedAttendee: Codable, Hashable, Sendable {
        public let attendeeId: String?
        public let name: String?
        public let email: String?
        public let company: String?

        enum CodingKeys: String, CodingKey {
            case attendeeId = "attendee_id"
            case name
            case email
            case company
        }
    }

    /// A badge was scanned at a booth.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BoothScan: Codable, Hashable, Sendable {
        public let scanId: String?
        public let eventId: String?
        public let boothId: String?
        public let exhibitorId: String?
        public let attendeeId: String?
        public let scannedBy: String?
        public let scannedAt: String?

        enum CodingKeys: String, CodingKey {
            case scanId = "scan_id"
            case eventId = "event_id"
            case boothId = "booth_id"
            case exhibitorId = "exhibitor_id"
            case attendeeId = "attendee_id"
            case scannedBy = "scanned_by"
            case scannedAt = "scanned_at"
        }
    }

    /// A connection was made between an attendee and exhibitor.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BoothConnectionCreated: Codable, Hashable, Sendable {
        public let connectionId: String?
        public let eventId: String?
        public let boothId: String?
        public let exhibitorId: String?
        public let attendeeId: String?
        public let initiatedBy: String?
        public let createdAt: String?

        enum CodingKeys: String, CodingKey {
            case connectionId = "connection_id"
            case eventId = "event_id"
            case boothId = "booth_id"
            case exhibitorId = "exhibitor_id"
            case attendeeId = "attendee_id"
            case initiatedBy = "initiated_by"
            case createdAt = "created_at"
        }
    }

    /// A booth package was purchased.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BoothOrderPaid: Codable, Hashable, Sendable {
        public let orderId: String?
        public let eventId: String?
        public let boothId: String?
        public let exhibitorId: String?
        public let package: String?
        public let total: BoothOrderPaidTotal?
        public let paidAt: String?

        enum CodingKeys: String, CodingKey {
            case orderId = "order_id"
            case eventId = "event_id"
            case boothId = "booth_id"
            case exhibitorId = "exhibitor_id"
            case package
            case total
            case paidAt = "paid_at"
        }
    }

    /// Part of BoothOrderPaid.
    public struct BoothOrderPaidTotal: Codable, Hashable, Sendable {
        public let amount: Int64?
        public let currency: String?

        enum CodingKeys: String, CodingKey {
            case amount
            case currency
        }
    }
}
