package dev.hookseal

import dev.hookseal.ffi.AttemptOutcome
import dev.hookseal.ffi.Decision as NativeDecision
import dev.hookseal.ffi.RetryPolicy as Native
import dev.hookseal.ffi.exponentialRetry
import dev.hookseal.ffi.nextAttempt
import java.time.Duration
import java.time.Instant

/** When a failed delivery is tried again. It is checked where it is used. */
public data class RetryPolicy(
    /** The delay before each retry; one attempt more than there are delays. */
    public val delays: List<Duration>,
    /** Every delay above ten seconds grows by a random part of up to this ratio of itself. */
    public val jitter: Double = 0.0,
    /** Status codes by which a receiver asks for no more events. */
    public val disableOn: List<Int> = emptyList(),
) {
    /** How many attempts there are at most, the first included. */
    public val maxAttempts: Int
        get() = delays.size + 1

    /**
     * What to do after attempt number [attempt] (the first is 1) was answered with this status at
     * [now]; [chance] between 0 and 1 picks within the jitter.
     *
     * @throws ConfigException `invalid_argument`
     */
    public fun next(
        attempt: Int,
        status: Int,
        retryAfter: String? = null,
        now: Instant? = null,
        chance: Double = 0.0,
    ): Decision =
        next(
            attempt,
            AttemptOutcome.Status(status.coerceIn(0, 65_535).toUShort(), retryAfter),
            now,
            chance,
        )

    /**
     * The same after an attempt without an answer, for the reason of this code, such as `timeout`.
     *
     * @throws ConfigException `invalid_argument`
     */
    public fun next(
        attempt: Int,
        failure: String,
        now: Instant? = null,
        chance: Double = 0.0,
    ): Decision = next(attempt, AttemptOutcome.Failed(failure), now, chance)

    private fun next(
        attempt: Int,
        outcome: AttemptOutcome,
        now: Instant?,
        chance: Double,
    ): Decision = calling { nextAttempt(native(), size(attempt), outcome, now, chance) }.dressed()

    internal fun native() =
        Native(delays, jitter, disableOn.map { it.coerceIn(0, 65_535).toUShort() })

    public companion object {
        /** One attempt, no retries. */
        public val NONE: RetryPolicy = RetryPolicy(emptyList())

        /**
         * [count] retries: the first after [first], each later one after [factor] times the delay
         * before it, none after more than [cap].
         *
         * @throws ConfigException `invalid_argument`
         */
        public fun exponential(
            first: Duration,
            factor: Double,
            count: Int,
            cap: Duration? = null,
            jitter: Double = 0.0,
        ): RetryPolicy =
            calling { exponentialRetry(first, factor, size(count), cap, jitter) }.dressed()
    }
}

/** What to do after an attempt. */
public sealed interface Decision {
    /** It was delivered. */
    public data object Done : Decision

    /** Try again, not before this instant. */
    public data class Retry(public val at: Instant) : Decision

    /** It failed for good. */
    public data object GiveUp : Decision

    /** It failed for good, and the receiver asked for no more events: disable the endpoint. */
    public data object Disable : Decision
}

internal fun Native.dressed(): RetryPolicy =
    RetryPolicy(delays, jitter, disableOn.map { it.toInt() })

private fun NativeDecision.dressed(): Decision =
    when (this) {
        NativeDecision.Done -> Decision.Done
        is NativeDecision.Retry -> Decision.Retry(at)
        NativeDecision.GiveUp -> Decision.GiveUp
        NativeDecision.Disable -> Decision.Disable
    }
