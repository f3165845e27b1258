package dev.hookseal

import dev.hookseal.ffi.RetryJob as NativeRetryJob
import java.time.Instant

/** How far a job is that delivers again what failed. */
public data class RetryJob(
    /** Its name in the store. */
    public val id: Long,
    /** What it covers begins here. */
    public val since: Instant,
    /** When it was made. */
    public val createdAt: Instant,
    /** How many deliveries it covers. */
    public val total: Long,
    /** How many of them it has dealt with. */
    public val done: Long,
    /** How many it delivers again. */
    public val retried: Long,
    /** How many it passed over. */
    public val skipped: Long,
    /** Whether it is at its end. */
    public val finished: Boolean,
)

internal fun NativeRetryJob.dressed(): RetryJob =
    RetryJob(
        id = id,
        since = since,
        createdAt = createdAt,
        total = total.toLong(),
        done = done.toLong(),
        retried = retried.toLong(),
        skipped = skipped.toLong(),
        finished = finished,
    )
