package dev.hookseal

import dev.hookseal.ffi.maxBody

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
