package dev.hookseal

import dev.hookseal.ffi.EventFilter as NativeFilter
import dev.hookseal.ffi.Inbox as Native
import java.io.OutputStream
import java.time.Instant
import kotlinx.coroutines.flow.Flow

/** Which events; what is null is any. */
public data class EventFilter(
    /** In this state. */
    public val status: EventStatus? = null,
    /** Of these types: exact ones, `booking.*` or `*`; empty for all. */
    public val types: List<String> = emptyList(),
    /** Of this tenant. */
    public val tenant: String? = null,
    /** Received, or retried by hand, at or after this time. */
    public val since: Instant? = null,
    /** Received, or retried by hand, before this time. */
    public val until: Instant? = null,
) {
    internal fun native() = NativeFilter(status, types, tenant, since, until)
}

/** The log of what an inbox received, and trying again. An event is named by its id. */
public class Events internal constructor(private val native: Native) {
    /** At most [limit] events, newest first, from where [cursor] says. */
    public suspend fun list(
        filter: EventFilter = EventFilter(),
        cursor: Long? = null,
        limit: Int = 100,
    ): EventPage = calling { native.listEvents(filter.native(), cursor, size(limit)).dressed() }

    /** All events that are there while it is collected, newest first. */
    public fun all(filter: EventFilter = EventFilter()): Flow<StoredEvent> = paged { cursor ->
        list(filter, cursor).let { it.items to it.cursor }
    }

    /**
     * An event with its body and every try.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun get(id: String): EventDetail = calling { native.event(id).dressed() }

    /**
     * Has an event handled once more, with all tries of the policy, whatever became of it.
     *
     * @throws ConfigException `not_found`; `conflict` if its body is gone
     */
    public suspend fun retry(id: String): Unit = calling { native.retryEvent(id) }

    /**
     * Retries what failed at or after [since], as a job that survives restarts; [job] tells how far
     * it is.
     *
     * @param types only these types of events; empty for all
     */
    public suspend fun retryFailed(since: Instant, types: List<String> = emptyList()): RetryJob =
        calling {
            native.retryFailed(since, types).dressed()
        }

    /** @throws ConfigException `not_found` */
    public suspend fun job(id: Long): RetryJob = calling { native.job(id).dressed() }

    /**
     * Ends an event that is pending: no more tries. False if it was at its end.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun discard(id: String): Boolean = calling { native.discardEvent(id) }

    /**
     * Deletes what an event says, now, and keeps its id. False if that was done before.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun expunge(id: String): Boolean = calling { native.expungeEvent(id) }

    /**
     * Writes events with their tries as JSON lines, newest first, and tells how many. The stream is
     * not closed.
     *
     * @throws java.io.IOException if the stream cannot be written
     */
    public suspend fun export(to: OutputStream, filter: EventFilter = EventFilter()): Long =
        calling {
            exported(native.export(filter.native()), to)
        }
}
