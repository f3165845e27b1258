package dev.hookseal

import dev.hookseal.ffi.EventDetail as NativeDetail
import dev.hookseal.ffi.EventPage as NativePage
import dev.hookseal.ffi.StoredEvent as NativeEvent
import dev.hookseal.ffi.StoredTry as NativeTry
import java.time.Duration
import java.time.Instant

/** An event as the log of an inbox shows it. */
public data class StoredEvent(
    /** The event's id, or `sha256:` and the hash of the body where the provider gives none. */
    public val id: String,
    /** The event's type; empty if it has none. */
    public val type: String,
    /** Whose event it is, where the provider says. */
    public val tenant: String?,
    /** Where it stands. */
    public val status: EventStatus,
    /** How many tries there were, since it was last retried by hand. */
    public val tryCount: Int,
    /** When the next try is due, while it is pending. */
    public val nextTry: Instant?,
    /** When it was received. */
    public val receivedAt: Instant,
    /** When it was handled, failed or discarded. */
    public val doneAt: Instant?,
    /** Why the last try failed. */
    public val errorCode: String?,
)

/** Where an event stands; the last three are its end. */
public typealias EventStatus = dev.hookseal.ffi.EventStatus

/** One try to handle an event, as the log shows it. */
public data class StoredTry(
    /** Which one, from 1; it begins anew with every retry by hand. */
    public val number: Int,
    /** When it began. */
    public val startedAt: Instant,
    /** How long it took. */
    public val duration: Duration,
    /**
     * Why it failed: `handler_failed` in the handler's own words, `timeout`, `discarded`,
     * `no_handler`, or `lost` if the process ended.
     */
    public val error: Failure?,
) {
    /** Whether the handler has handled it. */
    public val succeeded: Boolean
        get() = error == null
}

/** An event with its tries. */
public class EventDetail
internal constructor(
    /** The event. */
    public val event: StoredEvent,
    /** When it happened, as far as the provider says; else when it was received. */
    public val timestamp: Instant,
    /** In order. */
    public val tries: List<StoredTry>,
    /** The exact bytes that were received, unless they were expunged or too old to be kept. */
    public val body: ByteArray?,
)

/** Some events. */
public data class EventPage(
    /** The events. */
    public val items: List<StoredEvent>,
    /** Where the next page begins; null on the last one. */
    public val cursor: Long?,
)

internal fun NativeEvent.dressed(): StoredEvent =
    StoredEvent(
        id = id,
        type = eventType,
        tenant = tenant,
        status = status,
        tryCount = tryCount.toInt(),
        nextTry = nextTry,
        receivedAt = receivedAt,
        doneAt = doneAt,
        errorCode = errorCode,
    )

internal fun NativeDetail.dressed(): EventDetail =
    EventDetail(event.dressed(), timestamp, tries.map { it.dressed() }, body)

internal fun NativePage.dressed(): EventPage = EventPage(items.map { it.dressed() }, cursor)

private fun NativeTry.dressed(): StoredTry = StoredTry(number.toInt(), startedAt, duration, error)
