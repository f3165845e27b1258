package dev.hookseal

import dev.hookseal.ffi.HandshakeAnswer as NativeAnswer
import dev.hookseal.ffi.RequestOptions
import dev.hookseal.ffi.SignatureOptions
import dev.hookseal.ffi.Webhook as Native
import dev.hookseal.ffi.explainsByEnvironment
import java.time.Duration
import java.time.Instant

/** How far signed timestamps may lie from now, in either direction; both ends included. */
public data class Tolerance(
    /** How old a request may be. */
    public val past: Duration,
    /** How far ahead its timestamp may lie. */
    public val future: Duration = past,
)

/**
 * A provider and its secrets: signs what is sent, verifies what came. Make it once and keep it; it
 * is shared between threads freely.
 *
 * @param secrets the newest first: all of them verify, and sign as far as requests carry several
 *   signatures
 * @param tolerance instead of the provider's
 * @param explainFailures for development: what [verify] throws has an [Explanation]. If null, where
 *   `HOOKSEAL_EXPLAIN` is 1 in the environment
 * @throws ConfigException `invalid_secret` if there is none, or one is not of the provider's form
 */
public class Webhook
@JvmOverloads
constructor(
    secrets: List<Secret>,
    public val provider: Provider = Provider.builtin("standard"),
    tolerance: Tolerance? = null,
    explainFailures: Boolean? = null,
) {
    internal val native: Native = calling {
        Native(provider.native, secrets.map { it.native }, tolerance?.past, tolerance?.future)
    }

    private val explains = explainFailures ?: calling { explainsByEnvironment() }

    /**
     * One secret of a built-in provider.
     *
     * @throws ConfigException `invalid_secret`, `unknown_provider`
     */
    @JvmOverloads
    public constructor(
        secret: String,
        provider: String = "standard",
        tolerance: Tolerance? = null,
        explainFailures: Boolean? = null,
    ) : this(listOf(Secret(secret)), Provider.builtin(provider), tolerance, explainFailures)

    /**
     * The names of the headers that [verify] reads, in lower case; the others need not be passed.
     */
    public val headerNames: List<String> by lazy { calling { native.headerNames() } }

    /**
     * What is questionable about the secrets, for the developer to read once; never part of a
     * secret.
     */
    public val warnings: List<Warning> by lazy { calling { native.warnings() } }

    /**
     * Checks that a request is the sender's, by the raw bytes of its body and its headers, and
     * returns its event.
     *
     * @param now the time to compare timestamps with; the clock's if null
     * @param url the url as it is registered with the provider, where it is signed
     * @param method the request's method, where it is signed; POST if null
     * @param framework the web framework that took the request in, one of [frameworks]: the
     *   exception's [Explanation] says what to do there
     * @throws VerificationException if it is not to be trusted; `code` says why
     * @throws ConfigException `invalid_argument` if the provider signs the url and none is given
     */
    @JvmOverloads
    public fun verify(
        body: ByteArray,
        headers: List<Header>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
        framework: String? = null,
    ): Event {
        val at = now ?: Instant.now()
        try {
            return Event(calling { native.verify(body, headers, RequestOptions(at, url, method)) })
        } catch (error: VerificationException) {
            if (!explains) throw error
            val explanation = explain(body, headers, at, url, method, framework)
            throw VerificationException(error.code, error.message, error.retryAfter, explanation)
        }
    }

    /** The same with headers as most frameworks have them. */
    @JvmOverloads
    public fun verify(
        body: ByteArray,
        headers: Map<String, Iterable<String>>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
        framework: String? = null,
    ): Event = verify(body, headersOf(headers), now, url, method, framework)

    /**
     * Says why a request does not verify, how sure that is, and what to do: for its developer,
     * never for whoever sent it. Takes what [verify] takes, and all headers of the request.
     *
     * @param framework the web framework that took the request in, one of [frameworks]
     * @param otherSecrets more secrets of the same owner, one of which may have signed it; never
     *   those of other tenants
     * @throws ConfigException `invalid_argument` for a framework that is not known
     */
    @JvmOverloads
    public fun explain(
        body: ByteArray,
        headers: List<Header>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
        framework: String? = null,
        otherSecrets: List<Secret> = emptyList(),
    ): Explanation {
        val others = otherSecrets.map { it.native }
        val options = RequestOptions(now, url, method)
        return Explanation(calling { native.explain(body, headers, options, framework, others) })
    }

    /** The same with headers as most frameworks have them. */
    @JvmOverloads
    public fun explain(
        body: ByteArray,
        headers: Map<String, Iterable<String>>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
        framework: String? = null,
        otherSecrets: List<Secret> = emptyList(),
    ): Explanation = explain(body, headersOf(headers), now, url, method, framework, otherSecrets)

    /**
     * Every header to send with this body.
     *
     * @throws ConfigException `invalid_secret` if the secret can only verify, `invalid_argument`
     */
    @JvmOverloads
    public fun sign(
        body: ByteArray,
        id: String? = null,
        timestamp: Instant? = null,
        type: String? = null,
        url: String? = null,
        method: String? = null,
    ): List<Header> = calling {
        native.sign(body, SignatureOptions(id, timestamp, type, url, method))
    }

    /**
     * Every header to send with this event's body, which carry its id and type where they have
     * headers.
     *
     * @throws ConfigException as [sign]
     */
    @JvmOverloads
    public fun sign(
        event: Event,
        timestamp: Instant? = null,
        url: String? = null,
        method: String? = null,
    ): List<Header> = calling {
        native.signEvent(event.native, SignatureOptions(null, timestamp, null, url, method))
    }

    /**
     * The answer to a vendor's handshake, by which it finds out whether the endpoint is its owner's
     * (Slack, Zoom, Meta …); null if the request is none. Ask before [verify], for requests of any
     * method.
     *
     * @param verifyToken the token that was agreed on with the vendor (Meta)
     * @throws VerificationException
     * @throws ConfigException `invalid_argument` if the handshake has a token and none is given
     */
    public fun handshake(
        body: ByteArray,
        headers: List<Header>,
        method: String? = null,
        url: String? = null,
        verifyToken: String? = null,
        now: Instant? = null,
    ): HandshakeAnswer? =
        calling { native.handshake(body, headers, RequestOptions(now, url, method), verifyToken) }
            ?.let(::HandshakeAnswer)

    override fun toString(): String = "Webhook($provider)"
}

/** What to answer a vendor's handshake: the request is no event, so nothing else is to be done. */
public class HandshakeAnswer internal constructor(native: NativeAnswer) {
    /** The status of the response. */
    public val status: Int = native.status.toInt()

    /** Every header of the response. */
    public val headers: List<Header> = native.headers

    /** The body of the response. */
    public val body: String = native.body

    /**
     * The secret that the vendor gives away in this request, and nowhere else. Nothing proves who
     * sent it.
     */
    public val secret: Secret? = native.secret?.let(::Secret)

    override fun toString(): String = "HandshakeAnswer([redacted])"
}
