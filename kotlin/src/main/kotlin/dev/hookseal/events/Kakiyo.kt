package dev.hookseal.events

// The events of Kakiyo. Made from its provider file: change that, not this.

import dev.hookseal.Members
import dev.hookseal.Shape
import dev.hookseal.TypedEvent
import dev.hookseal.VerificationException
import dev.hookseal.read

/** The events of Kakiyo. */
public object Kakiyo {
    /** An event of a type that is listed here, with its data, or another one. */
    public sealed interface Event : TypedEvent

    /** Agent sends a message to a prospect. */
    public data class LinkedinMessageSentEvent(
        override val original: dev.hookseal.Event,
        public val data: LinkedinMessageSent,
    ) : Event

    /** Prospect responds to an agent. */
    public data class LinkedinMessageReceivedEvent(
        override val original: dev.hookseal.Event,
        public val data: LinkedinMessageReceived,
    ) : Event

    /** Agent sends a connection invitation. */
    public data class LinkedinInvitationSentEvent(
        override val original: dev.hookseal.Event,
        public val data: LinkedinInvitationSent,
    ) : Event

    /** Prospect accepts a connection invitation. */
    public data class LinkedinInvitationAcceptedEvent(
        override val original: dev.hookseal.Event,
        public val data: LinkedinInvitationAccepted,
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
            "linkedin.message.sent" ->
                LinkedinMessageSentEvent(event, event.read(LinkedinMessageSent))
            "linkedin.message.received" ->
                LinkedinMessageReceivedEvent(event, event.read(LinkedinMessageReceived))
            "linkedin.invitation.sent" ->
                LinkedinInvitationSentEvent(event, event.read(LinkedinInvitationSent))
            "linkedin.invitation.accepted" ->
                LinkedinInvitationAcceptedEvent(event, event.read(LinkedinInvitationAccepted))
            else -> UnlistedEvent(event)
        }

    /**
     * Agent sends a message to a prospect.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class LinkedinMessageSent(
        public val agentId: String?,
        public val campaignId: String?,
        public val chatId: String?,
        public val prospectId: String?,
        public val message: String?,
        public val timestamp: String?,
    ) {
        internal companion object : Shape<LinkedinMessageSent> {
            override fun read(json: Any?, path: String): LinkedinMessageSent {
                val members = Members(json, path)
                return LinkedinMessageSent(
                    agentId = members.optional("agentId", Shape.TEXT),
                    campaignId = members.optional("campaignId", Shape.TEXT),
                    chatId = members.optional("chatId", Shape.TEXT),
                    prospectId = members.optional("prospectId", Shape.TEXT),
                    message = members.optional("message", Shape.TEXT),
                    timestamp = members.optional("timestamp", Shape.TEXT),
                )
            }
        }
    }

    /** Prospect responds to an agent. */
    public data class LinkedinMessageReceived(
        public val agentId: String,
        public val campaignId: String,
        public val chatId: String,
        public val prospectId: String,
        public val message: String,
        public val timestamp: String,
    ) {
        internal companion object : Shape<LinkedinMessageReceived> {
            override fun read(json: Any?, path: String): LinkedinMessageReceived {
                val members = Members(json, path)
                return LinkedinMessageReceived(
                    agentId = members.required("agentId", Shape.TEXT),
                    campaignId = members.required("campaignId", Shape.TEXT),
                    chatId = members.required("chatId", Shape.TEXT),
                    prospectId = members.required("prospectId", Shape.TEXT),
                    message = members.required("message", Shape.TEXT),
                    timestamp = members.required("timestamp", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Agent sends a connection invitation.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class LinkedinInvitationSent(
        public val agentId: String?,
        public val campaignId: String?,
        public val prospectId: String?,
        public val message: String?,
        public val timestamp: String?,
    ) {
        internal companion object : Shape<LinkedinInvitationSent> {
            override fun read(json: Any?, path: String): LinkedinInvitationSent {
                val members = Members(json, path)
                return LinkedinInvitationSent(
                    agentId = members.optional("agentId", Shape.TEXT),
                    campaignId = members.optional("campaignId", Shape.TEXT),
                    prospectId = members.optional("prospectId", Shape.TEXT),
                    message = members.optional("message", Shape.TEXT),
                    timestamp = members.optional("timestamp", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Prospect accepts a connection invitation.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class LinkedinInvitationAccepted(
        public val agentId: String?,
        public val campaignId: String?,
        public val chatId: String?,
        public val prospectId: String?,
        public val timestamp: String?,
    ) {
        internal companion object : Shape<LinkedinInvitationAccepted> {
            override fun read(json: Any?, path: String): LinkedinInvitationAccepted {
                val members = Members(json, path)
                return LinkedinInvitationAccepted(
                    agentId = members.optional("agentId", Shape.TEXT),
                    campaignId = members.optional("campaignId", Shape.TEXT),
                    chatId = members.optional("chatId", Shape.TEXT),
                    prospectId = members.optional("prospectId", Shape.TEXT),
                    timestamp = members.optional("timestamp", Shape.TEXT),
                )
            }
        }
    }
}
