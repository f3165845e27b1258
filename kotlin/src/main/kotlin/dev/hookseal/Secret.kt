package dev.hookseal

import dev.hookseal.ffi.Secret as Native

/**
 * A signing key: a handle to a key that the library keeps and wipes. It is nowhere printed.
 *
 * What the JVM was given as a [String] stays in its memory until it is collected, as all strings
 * do.
 */
public class Secret internal constructor(internal val native: Native) : AutoCloseable {
    /**
     * A secret as a provider shows it, such as `whsec_…`.
     *
     * @throws ConfigException `invalid_secret` if it is empty
     */
    public constructor(text: String) : this(calling { Native.parse(text) })

    /** The secret in the clear, to show it once to its owner or to store it; never log it. */
    public fun expose(): String = calling { native.expose() }

    /**
     * The public half (`whpk_…`) of an ed25519 secret (`whsk_…`), for those who only verify.
     *
     * @throws ConfigException `invalid_secret` if it is no such secret
     */
    public fun publicHalf(): Secret = Secret(calling { native.publicHalf() })

    /** Lets go of the key now, rather than when this is collected. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "Secret([redacted])"

    public companion object {
        /**
         * A key as raw bytes, used as they are.
         *
         * @throws ConfigException `invalid_secret` if there are none
         */
        public fun fromBytes(key: ByteArray): Secret = Secret(calling { Native.fromBytes(key) })

        /** A fresh random secret, written as this provider's are. */
        public fun generate(provider: String = "standard"): Secret =
            Provider.builtin(provider).generateSecret()
    }
}
