package dev.hookseal

import dev.hookseal.ffi.DeliveryDetail as NativeDeliveryDetail
import dev.hookseal.ffi.DeliveryPage as NativeDeliveryPage
import dev.hookseal.ffi.StoredAttempt as NativeStoredAttempt
import dev.hookseal.ffi.StoredDelivery as NativeStoredDelivery
import java.time.Duration
import java.time.Instant

/** A delivery as the log shows it. */
public data class StoredDelivery(
    /** Its name in the store. */
    public val id: Long,
    /** The event's id. */
    public val message: String,
    /** The message's name in the store. */
    public val messageKey: Long,
    /** The event's type. */
    public val type: String,
    /** Whose event it is. */
    public val tenant: String?,
    /** Where to. */
    public val endpoint: Long,
    /** Where it stands. */
    public val status: DeliveryStatus,
    /** What made it. */
    public val trigger: Trigger,
    /** The delivery that this one repeats. */
    public val parent: Long?,
    /** How many attempts there were. */
    public val attemptCount: Int,
    /** When the next one is due. */
    public val due: Instant?,
    /** When it was made. */
    public val createdAt: Instant,
    /** When it came to its end. */
    public val doneAt: Instant?,
    /** The last response's status code. */
    public val responseCode: Int?,
    /** Why the last attempt got no response. */
    public val errorCode: String?,
    /** How long the last attempt took. */
    public val duration: Duration?,
)

/** One attempt as the log shows it. */
public data class StoredAttempt(
    /** Which it was, from 1. */
    public val number: Int,
    /** When it began. */
    public val startedAt: Instant,
    /** How long it took. */
    public val duration: Duration,
    /** Whether the receiver answered 2xx. */
    public val succeeded: Boolean,
    /** The status code. */
    public val responseCode: Int?,
    /** Why there is no complete response. */
    public val error: Failure?,
    /** The response's headers. */
    public val responseHeaders: List<Header>,
    /** The beginning of the response's body. */
    public val responseBody: ByteArray,
    /** Whether the body went on. */
    public val responseTruncated: Boolean,
    /** The headers that were sent. */
    public val requestHeaders: List<Header>,
)

/** A delivery with its attempts. */
public data class DeliveryDetail(
    /** The delivery. */
    public val delivery: StoredDelivery,
    /** Its attempts, in order. */
    public val attempts: List<StoredAttempt>,
    /** What was sent, unless it was expunged or too old to be kept. */
    public val body: ByteArray?,
)

/** Some deliveries. */
public data class DeliveryPage(
    /** The deliveries. */
    public val items: List<StoredDelivery>,
    /** Where the next page begins; nothing on the last one. */
    public val cursor: Long?,
)

/** Where a delivery stands. */
public typealias DeliveryStatus = dev.hookseal.ffi.DeliveryStatus

/** What made a delivery. */
public typealias Trigger = dev.hookseal.ffi.Trigger

internal fun NativeStoredDelivery.dressed(): StoredDelivery =
    StoredDelivery(
        id = id,
        message = message,
        messageKey = messageKey,
        type = eventType,
        tenant = tenant,
        endpoint = endpoint,
        status = status,
        trigger = trigger,
        parent = parent,
        attemptCount = attemptCount.toInt(),
        due = due,
        createdAt = createdAt,
        doneAt = doneAt,
        responseCode = responseCode?.toInt(),
        errorCode = errorCode,
        duration = duration,
    )

internal fun NativeStoredAttempt.dressed(): StoredAttempt =
    StoredAttempt(
        number = number.toInt(),
        startedAt = startedAt,
        duration = duration,
        succeeded = succeeded,
        responseCode = responseCode?.toInt(),
        error = error,
        responseHeaders = responseHeaders,
        responseBody = responseBody,
        responseTruncated = responseTruncated,
        requestHeaders = requestHeaders,
    )

internal fun NativeDeliveryDetail.dressed(): DeliveryDetail =
    DeliveryDetail(
        delivery = delivery.dressed(),
        attempts = attempts.map { it.dressed() },
        body = body,
    )

internal fun NativeDeliveryPage.dressed(): DeliveryPage =
    DeliveryPage(items = items.map { it.dressed() }, cursor = cursor)
