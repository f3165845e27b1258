package dev.hookseal

import dev.hookseal.ffi.EventRetentionRule as NativeRule
import dev.hookseal.ffi.InboxOptions as Native
import java.time.Duration

/** What an inbox may be told. */
public data class InboxSettings(
    /** The most handlers that run at once in this process: 64. */
    public val concurrency: Int? = null,
    /** How long a try may take: 60 seconds. */
    public val timeout: Duration? = null,
    /** When to try again: 8 times in about 21 hours. */
    public val retry: RetryPolicy? = null,
    /** How long things are kept: 30 days. */
    public val retention: EventRetentionRule = EventRetentionRule.Default,
    /** How far signed timestamps may lie from now; the webhook's word if null. */
    public val tolerance: Tolerance? = null,
    /** The largest body in bytes: [MAX_BODY]. */
    public val maxBody: Long? = null,
) {
    internal fun native() =
        Native(
            concurrency?.let(::size),
            timeout,
            retry?.native(),
            retention.native(),
            tolerance?.past,
            tolerance?.future,
            maxBody?.coerceAtLeast(0)?.toULong(),
        )
}

/** How long events and what belongs to them are kept. */
public sealed interface EventRetentionRule {
    /** For 30 days. */
    public data object Default : EventRetentionRule

    /** For ever. */
    public data object Forever : EventRetentionRule

    /** As long as this says; where it says nothing, for 30 days. */
    public data class Limited(public val retention: EventRetention) : EventRetentionRule
}

/**
 * How long each kind of thing is kept, from when the event was handled. Ids are kept at least as
 * long as the provider may send them again.
 */
public typealias EventRetention = dev.hookseal.ffi.EventRetention

private fun EventRetentionRule.native(): NativeRule? =
    when (this) {
        EventRetentionRule.Default -> null
        EventRetentionRule.Forever -> NativeRule.Forever
        is EventRetentionRule.Limited -> NativeRule.Limited(retention)
    }
