// The events of Kazinex. Made from its provider file: change that, not this.
// swift-format-ignore-file
import Hookseal

/// The events of Kazinex.
public enum Kazinex {
    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {
        /// New workflow instance started.
        case workflowCreated(WorkflowCreated)
        /// Workflow instance completed (all steps done).
        case workflowCompleted(WorkflowCompleted)
        /// A single workflow step completed.
        case workflowStepCompleted(WorkflowStepCompleted)
        /// New document record created.
        case documentCreated(DocumentCreated)
        /// Document status changed (e.g. draft → approved).
        case documentStatusChanged(DocumentStatusChanged)
        /// Transmittal issued to recipients.
        case transmittalIssued(TransmittalIssued)
        /// Transmittal acknowledged by a recipient.
        case transmittalAcknowledged(TransmittalAcknowledged)
        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {
            switch event.type {
            case "workflow.created": self = .workflowCreated(try event.data())
            case "workflow.completed": self = .workflowCompleted(try event.data())
            case "workflow.step_completed": self = .workflowStepCompleted(try event.data())
            case "document.created": self = .documentCreated(try event.data())
            case "document.status_changed": self = .documentStatusChanged(try event.data())
            case "transmittal.issued": self = .transmittalIssued(try event.data())
            case "transmittal.acknowledged": self = .transmittalAcknowledged(try event.data())
            default: self = .unknown
            }
        }
    }

    /// New workflow instance started.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct WorkflowCreated: Codable, Hashable, Sendable {
        public let workflowId: String?
        public let title: String?
        public let reference: String?
        public let templateId: String?
        public let templateName: String?
        public let status: String?
        public let priority: String?
        public let dueDate: String?
        public let initiatorId: String?
        public let initiatorName: String?
        public let createdAt: String?

        enum CodingKeys: String, CodingKey {
            case workflowId = "workflow_id"
            case title
            case reference
            case templateId = "template_id"
            case templateName = "template_name"
            case status
            case priority
            case dueDate = "due_date"
            case initiatorId = "initiator_id"
            case initiatorName = "initiator_name"
            case createdAt = "created_at"
        }
    }

    /// Workflow instance completed (all steps done).
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct WorkflowCompleted: Codable, Hashable, Sendable {
        public let workflowId: String?
        public let title: String?
        public let reference: String?
        public let status: String?
        public let finalDecision: String?
        public let completedAt: String?
        public let durationHours: Double?

        enum CodingKeys: String, CodingKey {
            case workflowId = "workflow_id"
            case title
            case reference
            case status
            case finalDecision = "final_decision"
            case completedAt = "completed_at"
            case durationHours = "duration_hours"
        }
    }

    /// A single workflow step completed.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct WorkflowStepCompleted: Codable, Hashable, Sendable {
        public let workflowId: String?
        public let stepId: String?
        public let stepName: String?
        public let stepType: String?
        public let assigneeId: String?
        public let action: String?
        public let respondedAt: String?
        public let onTime: Bool?

        enum CodingKeys: String, CodingKey {
            case workflowId = "workflow_id"
            case stepId = "step_id"
            case stepName = "step_name"
            case stepType = "step_type"
            case assigneeId = "assignee_id"
            case action
            case respondedAt = "responded_at"
            case onTime = "on_time"
        }
    }

    /// New document record created.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct DocumentCreated: Codable, Hashable, Sendable {
        public let documentId: String?
        public let number: String?
        public let title: String?
        public let revision: String?
        public let status: String?
        public let createdBy: String?
        public let createdAt: String?

        enum CodingKeys: String, CodingKey {
            case documentId = "document_id"
            case number
            case title
            case revision
            case status
            case createdBy = "created_by"
            case createdAt = "created_at"
        }
    }

    /// Document status changed (e.g. draft → approved).
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct DocumentStatusChanged: Codable, Hashable, Sendable {
        public let documentId: String?
        public let number: String?
        public let revision: String?
        public let previousStatus: String?
        public let status: String?
        public let changedBy: String?
        public let changedAt: String?

        enum CodingKeys: String, CodingKey {
            case documentId = "document_id"
            case number
            case revision
            case previousStatus = "previous_status"
            case status
            case changedBy = "changed_by"
            case changedAt = "changed_at"
        }
    }

    /// Transmittal issued to recipients.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct TransmittalIssued: Codable, Hashable, Sendable {
        public let transmittalId: String?
        public let number: String?
        public let subject: String?
        public let documentIds: [String]?
        public let recipients: [TransmittalIssuedRecipients]?
        public let issuedBy: String?
        public let issuedAt: String?

        enum CodingKeys: String, CodingKey {
            case transmittalId = "transmittal_id"
            case number
            case subject
            case documentIds = "document_ids"
            case recipients
            case issuedBy = "issued_by"
            case issuedAt = "issued_at"
        }
    }

    /// Part of TransmittalIssued.
    public struct TransmittalIssuedRecipients: Codable, Hashable, Sendable {
        public let id: String?
        public let name: String?
        public let company: String?

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case company
        }
    }

    /// Transmittal acknowledged by a recipient.
    ///
    /// No page of theirs shows its data: what is assumed here may be absent.
    public struct TransmittalAcknowledged: Codable, Hashable, Sendable {
        public let transmittalId: String?
        public let number: String?
        public let recipient: TransmittalAcknowledgedRecipient?
        public let acknowledgedAt: String?

        enum CodingKeys: String, CodingKey {
            case transmittalId = "transmittal_id"
            case number
            case recipient
            case acknowledgedAt = "acknowledged_at"
        }
    }

    /// Part of TransmittalAcknowledged.
    public struct TransmittalAcknowledgedRecipient: Codable, Hashable, Sendable {
        public let id: String?
        public let name: String?
        public let company: String?

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case company
        }
    }
}
