package dev.hookseal

import dev.hookseal.ffi.Event as Native
import java.time.Instant

/**
 * An event, with the exact bytes of its body: what [Webhook.verify] returns, and what is delivered.
 */
public class Event internal constructor(internal val native: Native) {
    // Takes the body apart, which many receivers never need.
    private val facts by lazy(LazyThreadSafetyMode.PUBLICATION) { calling { native.facts() } }

    /** The id, the same on every delivery of it; null if the provider gives none. */
    public val id: String?
        get() = facts.id

    /** The type, such as `booking.created`; null if the request does not say. */
    public val type: String?
        get() = facts.eventType

    /** The customer, team or organisation that it belongs to, where the provider names one. */
    public val tenant: String?
        get() = facts.tenant

    /** When it happened or, if the envelope does not say, when the request was signed. */
    public val timestamp: Instant?
        get() = facts.timestamp

    /** Which of the secrets the signature was made with; 0 is the newest. */
    public val keyIndex: Int
        get() = facts.keyIndex.toInt()

    /**
     * The JSON of its data, taken out of the envelope: text for the parser of your choice.
     *
     * @throws VerificationException `invalid_payload` if the body is not JSON or has no data
     */
    public val data: String
        get() = calling { native.data() }

    /**
     * The JSON of the whole body.
     *
     * @throws VerificationException `invalid_payload` if the body is not JSON
     */
    public val payload: String
        get() = calling { native.payload() }

    /** A copy of the body, byte by byte as it was signed. */
    public val body: ByteArray
        get() = calling { native.body() }

    /** No part of the body is shown. */
    override fun toString(): String = "Event(id=$id, type=$type)"
}
