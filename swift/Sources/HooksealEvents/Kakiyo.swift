// The events of Kakiyo. Made from its provider file: change that, not this.
// swift-format-ignore-file
import Hookseal

/// The events of Kakiyo.
public enum Kakiyo {
    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {
        /// Agent sends a message to a prospect.
        case linkedinMessageSent(LinkedinMessageSent)
        /// Prospect responds to an agent.
        case linkedinMessageReceived(LinkedinMessageReceived)
        /// Agent sends a connection invitation.
        case linkedinInvitationSent(LinkedinInvitationSent)
        /// Prospect accepts a connection invitation.
        case linkedinInvitationAccepted(LinkedinInvitationAccepted)
        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {
            switch event.type {
            case "linkedin.message.sent": self = .linkedinMessageSent(try event.data())
            case "linkedin.message.received": self = .linkedinMessageReceived(try event.data())
            case "linkedin.invitation.sent": self = .linkedinInvitationSent(try event.data())
            case "linkedin.invitation.accepted": self = .linkedinInvitationAccepted(try event.data())
            default: self = .unknown
            }
        }
    }

    /// Agent sends a message to a prospect.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct LinkedinMessageSent: Codable, Hashable, Sendable {
        public let agentId: String?
        public let campaignId: String?
        public let chatId: String?
        public let prospectId: String?
        public let message: String?
        public let timestamp: String?

        enum CodingKeys: String, CodingKey {
            case agentId
            case campaignId
            case chatId
            case prospectId
            case message
            case timestamp
        }
    }

    /// Prospect responds to an agent.
    public struct LinkedinMessageReceived: Codable, Hashable, Sendable {
        public let agentId: String
        public let campaignId: String
        public let chatId: String
        public let prospectId: String
        public let message: String
        public let timestamp: String

        enum CodingKeys: String, CodingKey {
            case agentId
            case campaignId
            case chatId
            case prospectId
            case message
            case timestamp
        }
    }

    /// Agent sends a connection invitation.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct LinkedinInvitationSent: Codable, Hashable, Sendable {
        public let agentId: String?
        public let campaignId: String?
        public let prospectId: String?
        public let message: String?
        public let timestamp: String?

        enum CodingKeys: String, CodingKey {
            case agentId
            case campaignId
            case prospectId
            case message
            case timestamp
        }
    }

    /// Prospect accepts a connection invitation.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct LinkedinInvitationAccepted: Codable, Hashable, Sendable {
        public let agentId: String?
        public let campaignId: String?
        public let chatId: String?
        public let prospectId: String?
        public let timestamp: String?

        enum CodingKeys: String, CodingKey {
            case agentId
            case campaignId
            case chatId
            case prospectId
            case timestamp
        }
    }
}
