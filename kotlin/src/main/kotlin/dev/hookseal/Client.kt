package dev.hookseal

import dev.hookseal.ffi.Client as Native
import dev.hookseal.ffi.ClientOptions
import dev.hookseal.ffi.Endpoint as NativeEndpoint
import dev.hookseal.ffi.EndpointOptions
import java.time.Duration

/**
 * Where events are delivered. Timeout and retries are the provider's unless they are given.
 *
 * @param secrets the newest first; none where the provider leaves signing to choice
 * @param headers for every request, such as `authorization`; their values are never shown
 * @param allowHttp whether plain http is allowed here, whatever the client says
 * @param allowPrivate the private networks allowed here, whatever the client says
 * @throws ConfigException `invalid_url`, `invalid_secret`, `invalid_argument`
 */
public class Endpoint(
    url: String,
    secrets: List<Secret>,
    provider: Provider = Provider.builtin("standard"),
    timeout: Duration? = null,
    retry: RetryPolicy? = null,
    headers: List<Header> = emptyList(),
    allowHttp: Boolean? = null,
    allowPrivate: AllowPrivate? = null,
) {
    internal val native: NativeEndpoint = calling {
        val options =
            EndpointOptions(timeout, retry?.native(), headers, allowHttp, allowPrivate?.native())
        NativeEndpoint(url, provider.native, secrets.map { it.native }, options)
    }

    /** The url, in the spelling that is signed and dialled. */
    public val url: String = calling { native.url() }

    /** Paths and queries often hold tokens, so only the host is shown. */
    override fun toString(): String = "Endpoint(${java.net.URI(url).host})"
}

/**
 * Delivers events and waits for what comes of it: only to https and public addresses, unless it is
 * told otherwise.
 *
 * @param caCertificates further certificate authorities, in PEM
 * @param connectTimeout for name, TCP and TLS together: 10 seconds
 * @param transport makes the requests instead of Hookseal's own client
 * @throws ConfigException `invalid_argument`
 */
public class Client(
    allowHttp: Boolean = false,
    allowPrivate: AllowPrivate = AllowPrivate.No,
    caCertificates: ByteArray? = null,
    connectTimeout: Duration? = null,
    transport: Transport? = null,
) : AutoCloseable {
    private val native: Native = calling {
        val options =
            ClientOptions(allowHttp, allowPrivate.native(), caCertificates, connectTimeout)
        Native(options, transport?.let(::Carrier))
    }

    /**
     * Delivers an event, with retries, and returns when it was accepted or has failed for good,
     * which can take as long as the policy says. Canceling the coroutine ends it, wherever it is.
     *
     * @throws ConfigException `invalid_url` for plain http without `allowHttp`, `closed`
     * @throws DeliveryException `blocked_address` for a private host without `allowPrivate`
     */
    public suspend fun deliver(endpoint: Endpoint, event: Event): Delivery = calling {
        native.deliver(endpoint.native, event.native, null).dressed()
    }

    /** Hangs up; what is on its way goes on. */
    override fun close(): Unit = native.close()
}
