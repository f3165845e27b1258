// The events of WebKasa. Made from its provider file: change that, not this.
// swift-format-ignore-file
import Hookseal

/// The events of WebKasa.
public enum Webkasa {
    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {
        /// A new booking was created.
        case bookingCreated(BookingCreated)
        /// A booking was confirmed.
        case bookingConfirmed(BookingConfirmed)
        /// A booking was cancelled.
        case bookingCancelled(BookingCancelled)
        /// A booking was marked as completed.
        case bookingCompleted(BookingCompleted)
        /// A new event was created.
        case eventCreated(EventCreated)
        /// An event was updated.
        case eventUpdated(EventUpdated)
        /// An event was cancelled.
        case eventCancelled(EventCancelled)
        /// A new event registration.
        case registrationCreated(RegistrationCreated)
        /// A registration was cancelled.
        case registrationCancelled(RegistrationCancelled)
        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {
            switch event.type {
            case "booking.created": self = .bookingCreated(try event.data())
            case "booking.confirmed": self = .bookingConfirmed(try event.data())
            case "booking.cancelled": self = .bookingCancelled(try event.data())
            case "booking.completed": self = .bookingCompleted(try event.data())
            case "event.created": self = .eventCreated(try event.data())
            case "event.updated": self = .eventUpdated(try event.data())
            case "event.cancelled": self = .eventCancelled(try event.data())
            case "registration.created": self = .registrationCreated(try event.data())
            case "registration.cancelled": self = .registrationCancelled(try event.data())
            default: self = .unknown
            }
        }
    }

    /// A new booking was created.
    public struct BookingCreated: Codable, Hashable, Sendable {
        public let id: String
        public let scheduleId: String
        public let startTime: String
        public let endTime: String
        public let status: String
        public let attendeeName: String
        public let attendeeEmail: String

        enum CodingKeys: String, CodingKey {
            case id
            case scheduleId = "schedule_id"
            case startTime = "start_time"
            case endTime = "end_time"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
        }
    }

    /// A booking was confirmed.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BookingConfirmed: Codable, Hashable, Sendable {
        public let id: String?
        public let scheduleId: String?
        public let startTime: String?
        public let endTime: String?
        public let status: String?
        public let attendeeName: String?
        public let attendeeEmail: String?

        enum CodingKeys: String, CodingKey {
            case id
            case scheduleId = "schedule_id"
            case startTime = "start_time"
            case endTime = "end_time"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
        }
    }

    /// A booking was cancelled.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BookingCancelled: Codable, Hashable, Sendable {
        public let id: String?
        public let scheduleId: String?
        public let startTime: String?
        public let endTime: String?
        public let status: String?
        public let attendeeName: String?
        public let attendeeEmail: String?
        public let cancellationReason: String?

        enum CodingKeys: String, CodingKey {
            case id
            case scheduleId = "schedule_id"
            case startTime = "start_time"
            case endTime = "end_time"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
            case cancellationReason = "cancellation_reason"
        }
    }

    /// A booking was marked as completed.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct BookingCompleted: Codable, Hashable, Sendable {
        public let id: String?
        public let scheduleId: String?
        public let startTime: String?
        public let endTime: String?
        public let status: String?
        public let attendeeName: String?
        public let attendeeEmail: String?

        enum CodingKeys: String, CodingKey {
            case id
            case scheduleId = "schedule_id"
            case startTime = "start_time"
            case endTime = "end_time"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
        }
    }

    /// A new event was created.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct EventCreated: Codable, Hashable, Sendable {
        public let id: String?
        public let title: String?
        public let startTime: String?
        public let endTime: String?
        public let location: String?
        public let capacity: Int64?
        public let status: String?

        enum CodingKeys: String, CodingKey {
            case id
            case title
            case startTime = "start_time"
            case endTime = "end_time"
            case location
            case capacity
            case status
        }
    }

    /// An event was updated.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct EventUpdated: Codable, Hashable, Sendable {
        public let id: String?
        public let title: String?
        public let startTime: String?
        public let endTime: String?
        public let location: String?
        public let capacity: Int64?
        public let status: String?

        enum CodingKeys: String, CodingKey {
            case id
            case title
            case startTime = "start_time"
            case endTime = "end_time"
            case location
            case capacity
            case status
        }
    }

    /// An event was cancelled.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct EventCancelled: Codable, Hashable, Sendable {
        public let id: String?
        public let title: String?
        public let startTime: String?
        public let endTime: String?
        public let location: String?
        public let capacity: Int64?
        public let status: String?

        enum CodingKeys: String, CodingKey {
            case id
            case title
            case startTime = "start_time"
            case endTime = "end_time"
            case location
            case capacity
            case status
        }
    }

    /// A new event registration.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct RegistrationCreated: Codable, Hashable, Sendable {
        public let id: String?
        public let eventId: String?
        public let status: String?
        public let attendeeName: String?
        public let attendeeEmail: String?
        public let seats: Int64?

        enum CodingKeys: String, CodingKey {
            case id
            case eventId = "event_id"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
            case seats
        }
    }

    /// A registration was cancelled.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct RegistrationCancelled: Codable, Hashable, Sendable {
        public let id: String?
        public let eventId: String?
        public let status: String?
        public let attendeeName: String?
        public let attendeeEmail: String?
        public let seats: Int64?

        enum CodingKeys: String, CodingKey {
            case id
            case eventId = "event_id"
            case status
            case attendeeName = "attendee_name"
            case attendeeEmail = "attendee_email"
            case seats
        }
    }
}
