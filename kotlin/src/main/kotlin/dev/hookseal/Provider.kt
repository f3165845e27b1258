package dev.hookseal

import dev.hookseal.ffi.EventType as NativeEventType
import dev.hookseal.ffi.Provider as Native
import dev.hookseal.ffi.RequestOptions
import dev.hookseal.ffi.providerIds
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** A type of event in a provider's catalog. */
public typealias EventType = NativeEventType

/**
 * The published conventions of one vendor: how it signs, what its events look like, and how it
 * delivers them.
 */
public class Provider internal constructor(internal val native: Native) {
    private val facts = calling { native.facts() }

    /** The name in code, such as `webkasa`. */
    public val id: String
        get() = facts.id

    /** The name for people, such as `WebKasa`. */
    public val name: String
        get() = facts.name

    /** Where the facts come from. */
    public val sources: List<String>
        get() = facts.sources

    /** How good the sources are, such as `doc-text`. */
    public val confidence: String
        get() = facts.confidence

    /** What a receiver should know besides. */
    public val notes: String?
        get() = facts.notes

    /** The catalog of events; empty where the vendor's is not known. */
    public val events: List<EventType>
        get() = facts.eventTypes

    /** When a failed delivery is tried again. */
    public val retry: RetryPolicy = facts.retry.dressed()

    /** How long one attempt may take. */
    public val timeout: Duration
        get() = facts.timeout

    /** Whether events go to https only. */
    public val httpsOnly: Boolean
        get() = facts.httpsOnly

    /** Whether endpoints without a secret get unsigned requests. */
    public val secretOptional: Boolean
        get() = facts.secretOptional

    /** What a successful delivery costs. */
    public val credits: Int
        get() = facts.credits.toInt()

    /**
     * Whether the vendor asks an endpoint to prove that it is its owner's: see [Webhook.handshake].
     */
    public val hasHandshake: Boolean
        get() = facts.hasHandshake

    /**
     * A fresh random secret of 256 bits, written as the provider's are.
     *
     * @throws ConfigException `invalid_secret` where only the provider itself can make keys
     */
    public fun generateSecret(): Secret = Secret(calling { native.generateSecret() })

    /**
     * A fresh private key, where the provider has asymmetric signatures.
     *
     * @throws ConfigException `invalid_secret` where there are none
     */
    public fun generatePrivateKey(): Secret = Secret(calling { native.generatePrivateKey() })

    /**
     * An event in the provider's envelope, ready to be delivered; [data] is JSON.
     *
     * @throws ConfigException `invalid_argument` for a type or id that is not printable, or data
     *   that is no JSON
     */
    public fun event(
        type: String,
        data: String,
        id: String? = null,
        timestamp: Instant? = null,
        tenant: String? = null,
    ): Event = Event(calling { native.event(type, data, id, timestamp, tenant) })

    /**
     * The catalog's example of a type of event.
     *
     * @throws ConfigException `invalid_argument` if it has none
     */
    public fun example(type: String): Event = Event(calling { native.example(type) })

    /**
     * The answer to a handshake that needs no secret, for endpoints that have none yet; null if the
     * request is none.
     *
     * @throws VerificationException
     * @throws ConfigException `invalid_argument` if this provider's handshake needs the secret: see
     *   [Webhook.handshake]
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

    override fun toString(): String = "Provider($id)"

    public companion object {
        /**
         * A provider that comes with Hookseal.
         *
         * @throws ConfigException `unknown_provider`, with the nearest name
         */
        public fun builtin(id: String): Provider = Provider(calling { Native.builtin(id) })

        /**
         * A provider from the text of its file.
         *
         * @throws ConfigException `invalid_provider`, with the key and the reason
         */
        public fun fromToml(text: String): Provider = Provider(calling { Native.fromToml(text) })

        /**
         * A provider from its file.
         *
         * @throws ConfigException `invalid_provider`, with the file, the key and the reason
         */
        public fun load(file: Path): Provider = Provider(calling { Native.load(file.toString()) })

        /** The names of the built-in providers, in alphabetical order. */
        public val ids: List<String> by lazy { calling { providerIds() } }
    }
}

/** All built-in providers, in alphabetical order. */
public fun providers(): List<Provider> = Provider.ids.map(Provider::builtin)
