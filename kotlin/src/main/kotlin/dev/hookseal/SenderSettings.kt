package dev.hookseal

import dev.hookseal.ffi.Retention as NativeRetention
import dev.hookseal.ffi.RetentionRule as NativeRule
import dev.hookseal.ffi.SenderOptions as Native

/** What a sender may do. */
public data class SenderSettings(
    /** Whether plain http is allowed to endpoints that do not say otherwise. */
    public val allowHttp: Boolean = false,
    /** The private networks allowed to endpoints that do not say otherwise. */
    public val allowPrivate: AllowPrivate = AllowPrivate.No,
    /** Further certificate authorities, in PEM. */
    public val caCertificates: ByteArray? = null,
    /** Whether events that are not in the provider's catalog are refused. */
    public val strict: Boolean = false,
    /** The largest body in bytes: 1 MiB. */
    public val maxBody: Long? = null,
    /** The most requests on their way at once: 256. */
    public val concurrency: Int? = null,
    /** How long things are kept. */
    public val retention: RetentionRule = RetentionRule.Default,
) {
    internal fun native() =
        Native(
            allowHttp,
            allowPrivate.native(),
            caCertificates,
            strict,
            maxBody?.coerceAtLeast(0)?.toULong(),
            concurrency?.let(::size),
            retention.native(),
        )
}

/** How long things are kept. */
public sealed interface RetentionRule {
    /** As [defaultRetention] says. */
    public data object Default : RetentionRule

    /** For ever. */
    public data object Forever : RetentionRule

    /** As long as this says. */
    public data class Limited(public val retention: Retention) : RetentionRule
}

/** How long each kind of thing is kept. */
public typealias Retention = NativeRetention

/** How long things are kept unless something else is said. */
public fun defaultRetention(): Retention = calling { dev.hookseal.ffi.defaultRetention() }

private fun RetentionRule.native(): NativeRule? =
    when (this) {
        RetentionRule.Default -> null
        RetentionRule.Forever -> NativeRule.Forever
        is RetentionRule.Limited -> NativeRule.Limited(retention)
    }
