package dev.hookseal

import dev.hookseal.ffi.AllowPrivate as Native

/** The private networks that events may be delivered to. */
public sealed interface AllowPrivate {
    /** None: only public addresses. */
    public data object No : AllowPrivate

    /** All but those of metadata services. */
    public data object All : AllowPrivate

    /** These, in CIDR notation, such as `10.0.0.0/8`. */
    public data class Only(public val networks: List<String>) : AllowPrivate {
        public constructor(vararg networks: String) : this(networks.toList())
    }
}

internal fun AllowPrivate.native(): Native =
    when (this) {
        AllowPrivate.No -> Native.No
        AllowPrivate.All -> Native.All
        is AllowPrivate.Only -> Native.Only(networks)
    }

internal fun Native.dressed(): AllowPrivate =
    when (this) {
        Native.No -> AllowPrivate.No
        Native.All -> AllowPrivate.All
        is Native.Only -> AllowPrivate.Only(networks)
    }
