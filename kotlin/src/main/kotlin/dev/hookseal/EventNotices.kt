package dev.hookseal

import dev.hookseal.ffi.CoreException
import dev.hookseal.ffi.EventNotice as NativeNotice
import dev.hookseal.ffi.Inbox as Native
import java.time.Instant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** An event that could not be handled, or was handled after all. */
public data class EventNotice(
    /** Its place in the order of all notices. */
    public val seq: Long,
    /** What happened. */
    public val kind: EventNoticeKind,
    /** What happened as text, such as `event.failed`. */
    public val kindName: String,
    /** The event's id. */
    public val id: String,
    /** The event's type; empty if it has none. */
    public val type: String,
    /** Why the last try failed. */
    public val error: Failure?,
    /** When it happened. */
    public val createdAt: Instant,
)

/** What a notice of an inbox is about. */
public typealias EventNoticeKind = dev.hookseal.ffi.EventNoticeKind

/** Each is acknowledged when its collector asks for the next; it ends when the inbox is closed. */
internal fun noticesOf(inbox: Native): Flow<EventNotice> = flow {
    calling { inbox.notices() }
        .use { notices ->
            while (true) {
                val notice =
                    try {
                        notices.next(null)
                    } catch (error: CoreException) {
                        if (error.dressed().code == "closed") break
                        throw error.dressed()
                    }
                emit(notice.dressed())
                calling { notices.ack() }
            }
        }
}

private fun NativeNotice.dressed(): EventNotice =
    EventNotice(seq, kind, kindName, id, eventType, error, createdAt)
