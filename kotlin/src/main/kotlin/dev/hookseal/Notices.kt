package dev.hookseal

import dev.hookseal.ffi.CoreException
import dev.hookseal.ffi.Notice as NativeNotice
import dev.hookseal.ffi.Sender as Native
import java.time.Instant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** What the owner of an endpoint must be told. */
public data class Notice(
    /** Its place in the order of all notices. */
    public val seq: Long,
    /** What happened. */
    public val kind: NoticeKind,
    /** What happened as text, such as `endpoint.disabled`. */
    public val kindName: String,
    /** The endpoint it is about. */
    public val endpoint: Long,
    /** The delivery that caused it. */
    public val delivery: Long,
    /** The endpoint's failures in a row at that moment. */
    public val failures: Int,
    /** When it happened. */
    public val createdAt: Instant,
)

/** What a notice is about. */
public typealias NoticeKind = dev.hookseal.ffi.NoticeKind

/** Each is acknowledged when its collector asks for the next; it ends when the sender is closed. */
internal fun noticesOf(sender: Native): Flow<Notice> = flow {
    calling { sender.notices() }
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

internal fun NativeNotice.dressed(): Notice =
    Notice(
        seq = seq,
        kind = kind,
        kindName = kindName,
        endpoint = endpoint,
        delivery = delivery,
        failures = failures.toInt(),
        createdAt = createdAt,
    )
