package dev.hookseal

import dev.hookseal.ffi.Attempt as NativeAttempt
import dev.hookseal.ffi.Delivery as NativeDelivery
import java.time.Duration
import java.time.Instant

/** What came of a delivery. */
public data class Delivery(
    /** Whether the receiver accepted the event. */
    public val delivered: Boolean,
    /** Every attempt, in order; there is at least one. */
    public val attempts: List<Attempt>,
    /** Whether the receiver asked for no more events. */
    public val disableEndpoint: Boolean,
)

/** One request and its outcome. */
public data class Attempt(
    /** Which attempt of its delivery, from 1. */
    public val number: Int,
    /** When it began. */
    public val startedAt: Instant,
    /** How long it took. */
    public val duration: Duration,
    /** The status code, if the receiver got as far as answering. */
    public val responseCode: Int?,
    /** Why there is no complete response. */
    public val error: Failure?,
    /** The response's body, as far as it was read. */
    public val responseBody: ByteArray,
    /** Whether the body went on. */
    public val responseTruncated: Boolean,
    /** The response's headers. */
    public val responseHeaders: List<Header>,
    /** The headers that were sent. */
    public val requestHeaders: List<Header>,
    /** Whether some of the host's addresses were forbidden. */
    public val mixedDns: Boolean,
    /** Whether the receiver answered 2xx, completely and in time. */
    public val succeeded: Boolean,
)

internal fun NativeDelivery.dressed(): Delivery =
    Delivery(
        delivered = delivered,
        attempts = attempts.map { it.dressed() },
        disableEndpoint = disableEndpoint,
    )

internal fun NativeAttempt.dressed(): Attempt =
    Attempt(
        number = number.toInt(),
        startedAt = startedAt,
        duration = duration,
        responseCode = responseCode?.toInt(),
        error = error,
        responseBody = responseBody,
        responseTruncated = responseTruncated,
        responseHeaders = responseHeaders,
        requestHeaders = requestHeaders,
        mixedDns = mixedDns,
        succeeded = succeeded,
    )
