package dev.hookseal

import dev.hookseal.ffi.EndpointFields as Native
import java.time.Duration

/**
 * What an endpoint shall be, or what of it shall change: what is null has its default, or stays.
 */
public data class EndpointSettings(
    /** Where to. */
    public val url: String? = null,
    /** For people. */
    public val name: String? = null,
    /** Exact types, `booking.*` or `*`; an empty list wants every event. */
    public val events: List<String>? = null,
    /** Whose events; those of all tenants if none is given. */
    public val tenant: String? = null,
    /** Headers for every request, such as `authorization`; their values are never shown. */
    public val headers: List<Header>? = null,
    /** For a whole attempt; the provider's if none is given. */
    public val timeout: Duration? = null,
    /** The most requests on their way at once: 16. */
    public val concurrency: Int? = null,
    /** The most requests in a second. */
    public val rateLimit: Double? = null,
    /** Whether deliveries go out one at a time, in the order of their messages. */
    public val ordered: Boolean? = null,
    /** When to try again; the provider's policy if none is given. */
    public val retry: RetryPolicy? = null,
    /** Whether plain http is allowed here, whatever the sender says. */
    public val allowHttp: Boolean? = null,
    /** The private networks allowed here, whatever the sender says. */
    public val allowPrivate: AllowPrivate? = null,
) {
    internal fun native() =
        Native(
            url,
            name,
            events,
            tenant,
            headers,
            timeout,
            concurrency?.let(::size),
            rateLimit,
            ordered,
            retry?.native(),
            allowHttp,
            allowPrivate?.native(),
        )

    /** Neither the path of the url nor the headers are shown: they hold tokens. */
    override fun toString(): String = "EndpointSettings(name=$name, events=$events, tenant=$tenant)"
}

/** What of an endpoint may go back to its default. */
public typealias EndpointSetting = dev.hookseal.ffi.EndpointField
