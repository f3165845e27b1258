package dev.hookseal

import dev.hookseal.ffi.EndpointPage as NativeEndpointPage
import dev.hookseal.ffi.StoredEndpoint as NativeStoredEndpoint
import java.time.Duration
import java.time.Instant

/** An endpoint as it is stored. */
public data class StoredEndpoint(
    /** Its name in the store. */
    public val id: Long,
    /** Where to. */
    public val url: String,
    /** For people. */
    public val name: String,
    /** Which events; empty for all. */
    public val events: List<String>,
    /** How many types of the provider's catalog these are. */
    public val subscribed: Int,
    /** Whose events; nothing for those of all tenants. */
    public val tenant: String?,
    /** The names of its custom headers. */
    public val headerNames: List<String>,
    /** For a whole attempt, if it is not the provider's. */
    public val timeout: Duration?,
    /** The most requests on their way at once. */
    public val concurrency: Int,
    /** The most requests in a second. */
    public val rateLimit: Double?,
    /** Whether deliveries go out one at a time, in order. */
    public val ordered: Boolean,
    /** When to try again, if it is not the provider's policy. */
    public val retry: RetryPolicy?,
    /** Whether plain http is allowed, if it is not the sender's to say. */
    public val allowHttp: Boolean?,
    /** The private networks allowed, if it is not the sender's to say. */
    public val allowPrivate: AllowPrivate?,
    /** Why it gets no events; nothing while it does. */
    public val disabledReason: DisableReason?,
    /** Since when it gets none. */
    public val disabledAt: Instant?,
    /** Failures in a row, as the provider's rule counts them. */
    public val failures: Int,
    /** When the last attempt ended. */
    public val lastAttemptAt: Instant?,
    /** The last response's status code. */
    public val lastResponseCode: Int?,
    /** Why the last attempt got no response. */
    public val lastErrorCode: String?,
    /** Grows with every change. */
    public val version: Long,
    /** When it was created. */
    public val createdAt: Instant,
    /** When it was changed last. */
    public val updatedAt: Instant,
)

/** Some endpoints. */
public data class EndpointPage(
    /** The endpoints. */
    public val items: List<StoredEndpoint>,
    /** Where the next page begins; nothing on the last one. */
    public val cursor: Long?,
)

/** Why an endpoint is disabled. */
public typealias DisableReason = dev.hookseal.ffi.DisableReason

internal fun NativeStoredEndpoint.dressed(): StoredEndpoint =
    StoredEndpoint(
        id = id,
        url = url,
        name = name,
        events = events,
        subscribed = subscribed.toInt(),
        tenant = tenant,
        headerNames = headerNames,
        timeout = timeout,
        concurrency = concurrency.toInt(),
        rateLimit = rateLimit,
        ordered = ordered,
        retry = retry?.dressed(),
        allowHttp = allowHttp,
        allowPrivate = allowPrivate?.dressed(),
        disabledReason = disabledReason,
        disabledAt = disabledAt,
        failures = failures.toInt(),
        lastAttemptAt = lastAttemptAt,
        lastResponseCode = lastResponseCode?.toInt(),
        lastErrorCode = lastErrorCode,
        version = version,
        createdAt = createdAt,
        updatedAt = updatedAt,
    )

internal fun NativeEndpointPage.dressed(): EndpointPage =
    EndpointPage(items = items.map { it.dressed() }, cursor = cursor)
