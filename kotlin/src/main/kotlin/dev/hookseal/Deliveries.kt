package dev.hookseal

import dev.hookseal.ffi.DeliveryFilter as NativeFilter
import dev.hookseal.ffi.Sender as Native
import java.time.Instant
import kotlinx.coroutines.flow.Flow

/** Which deliveries; what is null is any. */
public data class DeliveryFilter(
    /** To this endpoint. */
    public val endpoint: Long? = null,
    /** In this state. */
    public val status: DeliveryStatus? = null,
    /** Of these types of events; empty for all. */
    public val types: List<String> = emptyList(),
    /** Of this tenant's messages. */
    public val tenant: String? = null,
    /** The first digit of the last response's status code. */
    public val responseClass: Int? = null,
    /** Made at or after this time. */
    public val since: Instant? = null,
    /** Made before this time. */
    public val until: Instant? = null,
) {
    internal fun native() =
        NativeFilter(
            endpoint,
            status,
            types,
            tenant,
            responseClass?.coerceIn(0, 255)?.toUByte(),
            since,
            until,
        )
}

/** The log, and delivering once more. */
public class Deliveries internal constructor(private val native: Native) {
    /** At most [limit] deliveries, newest first, from where [cursor] says. */
    public suspend fun list(
        filter: DeliveryFilter = DeliveryFilter(),
        cursor: Long? = null,
        limit: Int = 100,
    ): DeliveryPage = calling {
        native.listDeliveries(filter.native(), cursor, size(limit)).dressed()
    }

    /** All deliveries that are there while it is collected, newest first. */
    public fun all(filter: DeliveryFilter = DeliveryFilter()): Flow<StoredDelivery> =
        paged { cursor ->
            list(filter, cursor).let { it.items to it.cursor }
        }

    /** @throws ConfigException `not_found` */
    public suspend fun get(id: Long): DeliveryDetail = calling { native.delivery(id).dressed() }

    /**
     * Delivers once more: the same bytes and id under a fresh signature, one attempt. Of a pending
     * delivery the next attempt is pulled forward to now. Returns the delivery that is attempted.
     *
     * @throws ConfigException `not_found`; `conflict` if the body is gone or the endpoint is
     *   disabled or deleted
     */
    public suspend fun retry(id: Long): Long = calling { native.retryDelivery(id) }

    /**
     * Delivers again what failed at or after [since], as a job that survives restarts; [job] tells
     * how far it is.
     *
     * @param types only these types of events; empty for all
     */
    public suspend fun retryFailed(
        since: Instant,
        endpoint: Long? = null,
        tenant: String? = null,
        types: List<String> = emptyList(),
    ): RetryJob = calling { native.retryFailed(since, endpoint, tenant, types).dressed() }

    /** @throws ConfigException `not_found` */
    public suspend fun job(id: Long): RetryJob = calling { native.job(id).dressed() }

    /** Cancels a delivery; false if it was at its end. */
    public suspend fun cancel(id: Long): Boolean = calling { native.cancelDelivery(id) }
}
