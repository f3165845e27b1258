package dev.hookseal

import dev.hookseal.ffi.maxBody
import java.time.Duration

/** How many bytes of a request's body to read at most, unless you know better. */
public val MAX_BODY: Int by lazy { calling { maxBody() }.toInt() }

/**
 * The url to verify a request with: the registered one, and of the request's path and query what it
 * leaves out.
 */
public fun publicUrl(registered: String, target: String): String = calling {
    dev.hookseal.ffi.publicUrl(registered, target)
}

/** The HTTP status to answer with when a request that was received led to this. */
public val HooksealException.httpStatus: Int
    get() = errors.firstOrNull { it.code == code }?.status ?: 500

/** What to answer to a request that was refused. */
public data class Refusal(
    /** The HTTP status: 2xx for a duplicate, which there is no reason to send again. */
    public val status: Int,
    /** What to send as `Retry-After`, if the sender shall try again. */
    public val retryAfter: Duration?,
) {
    /** The headers of the answer. */
    public val headers: List<Header>
        get() = listOfNotNull(retryAfter?.let { Header("retry-after", it.toSeconds().toString()) })
}

/** What to answer when a request that was received led to this. */
public val HooksealException.refusal: Refusal
    get() {
        val native = calling { dev.hookseal.ffi.refusal(code) }
        return Refusal(native.status.toInt(), retryAfter ?: native.retryAfter)
    }
