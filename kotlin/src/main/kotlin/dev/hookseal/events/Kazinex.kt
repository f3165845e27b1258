package dev.hookseal.events

// The events of Kazinex. Made from its provider file: change that, not this.

import dev.hookseal.Members
import dev.hookseal.Shape
import dev.hookseal.TypedEvent
import dev.hookseal.VerificationException
import dev.hookseal.read

/** The events of Kazinex. */
public object Kazinex {
    /** An event of a type that is listed here, with its data, or another one. */
    public sealed interface Event : TypedEvent

    /** New workflow instance started. */
    public data class WorkflowCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: WorkflowCreated,
    ) : Event

    /** Workflow instance completed (all steps done). */
    public data class WorkflowCompletedEvent(
        override val original: dev.hookseal.Event,
        public val data: WorkflowCompleted,
    ) : Event

    /** A single workflow step completed. */
    public data class WorkflowStepCompletedEvent(
        override val original: dev.hookseal.Event,
        public val data: WorkflowStepCompleted,
    ) : Event

    /** New document record created. */
    public data class DocumentCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: DocumentCreated,
    ) : Event

    /** Document status changed (e.g. draft → approved). */
    public data class DocumentStatusChangedEvent(
        override val original: dev.hookseal.Event,
        public val data: DocumentStatusChanged,
    ) : Event

    /** Transmittal issued to recipients. */
    public data class TransmittalIssuedEvent(
        override val original: dev.hookseal.Event,
        public val data: TransmittalIssued,
    ) : Event

    /** Transmittal acknowledged by a recipient. */
    public data class TransmittalAcknowledgedEvent(
        override val original: dev.hookseal.Event,
        public val data: TransmittalAcknowledged,
    ) : Event

    /** An event of a type that is not listed here. */
    public data class UnlistedEvent(override val original: dev.hookseal.Event) : Event

    /**
     * The event with its data, by its type.
     *
     * @throws VerificationException `invalid_payload` if the data is not as its type says
     */
    public fun typed(event: dev.hookseal.Event): Event =
        when (event.type) {
            "workflow.created" -> WorkflowCreatedEvent(event, event.read(WorkflowCreated))
            "workflow.completed" -> WorkflowCompletedEvent(event, event.read(WorkflowCompleted))
            "workflow.step_completed" ->
                WorkflowStepCompletedEvent(event, event.read(WorkflowStepCompleted))
            "document.created" -> DocumentCreatedEvent(event, event.read(DocumentCreated))
            "document.status_changed" ->
                DocumentStatusChangedEvent(event, event.read(DocumentStatusChanged))
            "transmittal.issued" -> TransmittalIssuedEvent(event, event.read(TransmittalIssued))
            "transmittal.acknowledged" ->
                TransmittalAcknowledgedEvent(event, event.read(TransmittalAcknowledged))
            else -> UnlistedEvent(event)
        }

    /**
     * New workflow instance started.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class WorkflowCreated(
        public val workflowId: String?,
        public val title: String?,
        public val reference: String?,
        public val templateId: String?,
        public val templateName: String?,
        public val status: String?,
        public val priority: String?,
        public val dueDate: String?,
        public val initiatorId: String?,
        public val initiatorName: String?,
        public val createdAt: String?,
    ) {
        internal companion object : Shape<WorkflowCreated> {
            override fun read(json: Any?, path: String): WorkflowCreated {
                val members = Members(json, path)
                return WorkflowCreated(
                    workflowId = members.optional("workflow_id", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    reference = members.optional("reference", Shape.TEXT),
                    templateId = members.optional("template_id", Shape.TEXT),
                    templateName = members.optional("template_name", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    priority = members.optional("priority", Shape.TEXT),
                    dueDate = members.optional("due_date", Shape.TEXT),
                    initiatorId = members.optional("initiator_id", Shape.TEXT),
                    initiatorName = members.optional("initiator_name", Shape.TEXT),
                    createdAt = members.optional("created_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Workflow instance completed (all steps done).
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class WorkflowCompleted(
        public val workflowId: String?,
        public val title: String?,
        public val reference: String?,
        public val status: String?,
        public val finalDecision: String?,
        public val completedAt: String?,
        public val durationHours: Double?,
    ) {
        internal companion object : Shape<WorkflowCompleted> {
            override fun read(json: Any?, path: String): WorkflowCompleted {
                val members = Members(json, path)
                return WorkflowCompleted(
                    workflowId = members.optional("workflow_id", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    reference = members.optional("reference", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    finalDecision = members.optional("final_decision", Shape.TEXT),
                    completedAt = members.optional("completed_at", Shape.TEXT),
                    durationHours = members.optional("duration_hours", Shape.NUMBER),
                )
            }
        }
    }

    /**
     * A single workflow step completed.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class WorkflowStepCompleted(
        public val workflowId: String?,
        public val stepId: String?,
        public val stepName: String?,
        public val stepType: String?,
        public val assigneeId: String?,
        public val action: String?,
        public val respondedAt: String?,
        public val onTime: Boolean?,
    ) {
        internal companion object : Shape<WorkflowStepCompleted> {
            override fun read(json: Any?, path: String): WorkflowStepCompleted {
                val members = Members(json, path)
                return WorkflowStepCompleted(
                    workflowId = members.optional("workflow_id", Shape.TEXT),
                    stepId = members.optional("step_id", Shape.TEXT),
                    stepName = members.optional("step_name", Shape.TEXT),
                    stepType = members.optional("step_type", Shape.TEXT),
                    assigneeId = members.optional("assignee_id", Shape.TEXT),
                    action = members.optional("action", Shape.TEXT),
                    respondedAt = members.optional("responded_at", Shape.TEXT),
                    onTime = members.optional("on_time", Shape.BOOLEAN),
                )
            }
        }
    }

    /**
     * New document record created.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class DocumentCreated(
        public val documentId: String?,
        public val number: String?,
        public val title: String?,
        public val revision: String?,
        public val status: String?,
        public val createdBy: String?,
        public val createdAt: String?,
    ) {
        internal companion object : Shape<DocumentCreated> {
            override fun read(json: Any?, path: String): DocumentCreated {
                val members = Members(json, path)
                return DocumentCreated(
                    documentId = members.optional("document_id", Shape.TEXT),
                    number = members.optional("number", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    revision = members.optional("revision", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    createdBy = members.optional("created_by", Shape.TEXT),
                    createdAt = members.optional("created_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Document status changed (e.g. draft → approved).
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class DocumentStatusChanged(
        public val documentId: String?,
        public val number: String?,
        public val revision: String?,
        public val previousStatus: String?,
        public val status: String?,
        public val changedBy: String?,
        public val changedAt: String?,
    ) {
        internal companion object : Shape<DocumentStatusChanged> {
            override fun read(json: Any?, path: String): DocumentStatusChanged {
                val members = Members(json, path)
                return DocumentStatusChanged(
                    documentId = members.optional("document_id", Shape.TEXT),
                    number = members.optional("number", Shape.TEXT),
                    revision = members.optional("revision", Shape.TEXT),
                    previousStatus = members.optional("previous_status", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    changedBy = members.optional("changed_by", Shape.TEXT),
                    changedAt = members.optional("changed_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Transmittal issued to recipients.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class TransmittalIssued(
        public val transmittalId: String?,
        public val number: String?,
        public val subject: String?,
        public val documentIds: List<String>?,
        public val recipients: List<TransmittalIssuedRecipients>?,
        public val issuedBy: String?,
        public val issuedAt: String?,
    ) {
        internal companion object : Shape<TransmittalIssued> {
            override fun read(json: Any?, path: String): TransmittalIssued {
                val members = Members(json, path)
                return TransmittalIssued(
                    transmittalId = members.optional("transmittal_id", Shape.TEXT),
                    number = members.optional("number", Shape.TEXT),
                    subject = members.optional("subject", Shape.TEXT),
                    documentIds = members.optional("document_ids", Shape.list(Shape.TEXT)),
                    recipients =
                        members.optional("recipients", Shape.list(TransmittalIssuedRecipients)),
                    issuedBy = members.optional("issued_by", Shape.TEXT),
                    issuedAt = members.optional("issued_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of TransmittalIssued. */
    public data class TransmittalIssuedRecipients(
        public val id: String?,
        public val name: String?,
        public val company: String?,
    ) {
        internal companion object : Shape<TransmittalIssuedRecipients> {
            override fun read(json: Any?, path: String): TransmittalIssuedRecipients {
                val members = Members(json, path)
                return TransmittalIssuedRecipients(
                    id = members.optional("id", Shape.TEXT),
                    name = members.optional("name", Shape.TEXT),
                    company = members.optional("company", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Transmittal acknowledged by a recipient.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class TransmittalAcknowledged(
        public val transmittalId: String?,
        public val number: String?,
        public val recipient: TransmittalAcknowledgedRecipient?,
        public val acknowledgedAt: String?,
    ) {
        internal companion object : Shape<TransmittalAcknowledged> {
            override fun read(json: Any?, path: String): TransmittalAcknowledged {
                val members = Members(json, path)
                return TransmittalAcknowledged(
                    transmittalId = members.optional("transmittal_id", Shape.TEXT),
                    number = members.optional("number", Shape.TEXT),
                    recipient = members.optional("recipient", TransmittalAcknowledgedRecipient),
                    acknowledgedAt = members.optional("acknowledged_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of TransmittalAcknowledged. */
    public data class TransmittalAcknowledgedRecipient(
        public val id: String?,
        public val name: String?,
        public val company: String?,
    ) {
        internal companion object : Shape<TransmittalAcknowledgedRecipient> {
            override fun read(json: Any?, path: String): TransmittalAcknowledgedRecipient {
                val members = Members(json, path)
                return TransmittalAcknowledgedRecipient(
                    id = members.optional("id", Shape.TEXT),
                    name = members.optional("name", Shape.TEXT),
                    company = members.optional("company", Shape.TEXT),
                )
            }
        }
    }
}
