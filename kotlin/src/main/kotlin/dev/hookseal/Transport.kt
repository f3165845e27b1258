package dev.hookseal

import dev.hookseal.ffi.Transport as Native
import dev.hookseal.ffi.TransportException as NativeException
import dev.hookseal.ffi.TransportRequest as NativeRequest
import dev.hookseal.ffi.TransportResponse as NativeResponse
import java.io.IOException
import java.net.ConnectException
import java.net.SocketTimeoutException
import java.net.URI
import java.net.UnknownHostException
import java.time.Duration
import javax.net.ssl.SSLException
import kotlinx.coroutines.CancellationException

/**
 * Makes HTTP requests in place of Hookseal's own client, with OkHttp, `java.net.http` or whatever
 * the platform wants.
 *
 * The url and the addresses of its host are judged before every request, and the deadline of the
 * attempt holds: the coroutine is canceled when it has passed. The rest is the implementer's to
 * keep: to connect to [TransportRequest.addresses] and no others, or the name is looked up a second
 * time and may then lead elsewhere; to follow no redirect; to use no proxy that would look the name
 * up itself; and to read no more of the body than [TransportRequest.responseLimit].
 */
public fun interface Transport {
    /**
     * Sends a request and reads its answer, of whatever status.
     *
     * An [IOException] is recorded as `timeout`, `dns_failed`, `connect_failed`, `tls_failed` or
     * `protocol_error`, by its class; a [HooksealException] as its code. Anything else is recorded
     * as `protocol_error`. No text of what is thrown is recorded but that of a [HooksealException].
     */
    public suspend fun send(request: TransportRequest): TransportResponse
}

/** A POST request that is ready to leave. */
public class TransportRequest internal constructor(native: NativeRequest) {
    /** Where to. */
    public val url: URI = URI(native.url)

    /** The addresses that were checked, with the port: `203.0.113.7:443`, `[2001:db8::7]:443`. */
    public val addresses: List<String> = native.addresses

    /** Every header but those that frame the request, such as `host` and `content-length`. */
    public val headers: List<Header> = native.headers

    /** The bytes that are signed. */
    public val body: ByteArray = native.body

    /** For the whole attempt; nobody waits any longer. */
    public val timeout: Duration = native.timeout

    /** How many bytes of the response's body are of use; what is longer is cut. */
    public val responseLimit: Int = native.responseLimit.toInt()

    /** Headers, body and the path of the url are not shown. */
    override fun toString(): String = "TransportRequest(${url.host})"
}

/** What a receiver answered. */
public class TransportResponse(
    /** The status code. */
    public val status: Int,
    /** The headers, in order; names in any case. */
    public val headers: List<Header>,
    /** The body, without decompression. */
    public val body: ByteArray,
)

/** What the library calls. */
internal class Carrier(private val transport: Transport) : Native {
    override suspend fun send(request: NativeRequest): NativeResponse =
        try {
            val response = transport.send(TransportRequest(request))
            NativeResponse(
                response.status.coerceIn(0, 65_535).toUShort(),
                response.headers,
                response.body,
            )
        } catch (error: CancellationException) {
            throw error
        } catch (error: HooksealException) {
            throw NativeException.Failed(error.code, error.message)
        } catch (error: IOException) {
            throw failure(error)
        }
}

private fun failure(error: IOException): NativeException {
    val (code, reason) =
        when {
            error is ConnectException ->
                "connect_failed" to "No connection to the host could be made"
            error is UnknownHostException -> "dns_failed" to "The host's name could not be resolved"
            error is SocketTimeoutException || isHttpTimeout(error) ->
                "timeout" to "The request was not answered in time"
            error is SSLException -> "tls_failed" to "The TLS connection failed"
            else -> "protocol_error" to "The answer was not valid HTTP or ended early"
        }
    return NativeException.Failed(code, "$reason (${error.javaClass.simpleName}).")
}

/** By name, because Android has no `java.net.http`. */
private fun isHttpTimeout(error: IOException): Boolean = error.javaClass.name in HTTP_TIMEOUTS

private val HTTP_TIMEOUTS =
    setOf("java.net.http.HttpTimeoutException", "java.net.http.HttpConnectTimeoutException")
