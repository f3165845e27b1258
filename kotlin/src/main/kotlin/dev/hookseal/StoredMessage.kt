package dev.hookseal

import dev.hookseal.ffi.Message as NativeMessage
import dev.hookseal.ffi.Outgoing as NativeOutgoing
import dev.hookseal.ffi.StoredMessage as NativeStoredMessage
import java.time.Instant

/** An event to send with [Sender.sendMany]. */
public class NewMessage(
    /** The type, such as `booking.created`. */
    public val type: String,
    /** The JSON of its data. */
    public val data: String,
    /** The id; a random one if null. The same one again is the same message. */
    public val id: String? = null,
    /** Whose it is. */
    public val tenant: String? = null,
    /** When it happened; now if null. */
    public val timestamp: Instant? = null,
) {
    internal fun native() = NativeOutgoing(type, data, id, tenant, timestamp)

    /** The data are not shown. */
    override fun toString(): String = "NewMessage(type=$type, id=$id)"
}

/** A message that was stored. */
public data class Message(
    /** Its name in the store. */
    public val key: Long,
    /** The event's id, the same on every delivery. */
    public val id: String,
    /** The event's type. */
    public val type: String,
    /** Whose event it is. */
    public val tenant: String?,
    /** When the event happened. */
    public val timestamp: Instant,
    /** When it was stored. */
    public val createdAt: Instant,
    /** Whether it was sent before: then nothing was stored now. */
    public val duplicate: Boolean,
    /** Its deliveries, one for every endpoint that wants it. */
    public val deliveries: List<Long>,
)

/** A message with its body. */
public data class StoredMessage(
    /** Its name in the store. */
    public val key: Long,
    /** The event's id. */
    public val id: String,
    /** The event's type. */
    public val type: String,
    /** Whose event it is. */
    public val tenant: String?,
    /** When the event happened. */
    public val timestamp: Instant,
    /** When it was stored. */
    public val createdAt: Instant,
    /** The bytes that are delivered, unless they were expunged or too old to be kept. */
    public val body: ByteArray?,
)

internal fun NativeMessage.dressed(): Message =
    Message(
        key = key,
        id = id,
        type = eventType,
        tenant = tenant,
        timestamp = timestamp,
        createdAt = createdAt,
        duplicate = duplicate,
        deliveries = deliveries,
    )

internal fun NativeStoredMessage.dressed(): StoredMessage =
    StoredMessage(
        key = key,
        id = id,
        type = eventType,
        tenant = tenant,
        timestamp = timestamp,
        createdAt = createdAt,
        body = body,
    )
