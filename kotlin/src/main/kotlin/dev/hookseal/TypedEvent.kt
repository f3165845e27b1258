package dev.hookseal

import dev.hookseal.ffi.Json

/**
 * An event whose class tells what its data is: those of `dev.hookseal.events`, and those made of a
 * provider file of your own.
 */
public interface TypedEvent {
    /** The event as it was verified. */
    public val original: Event
}

/**
 * The event's data, read as this shape.
 *
 * @throws VerificationException `invalid_payload` if the body is not JSON, has no data, or that is
 *   of another shape
 */
public fun <T> Event.read(shape: Shape<T>): T =
    shape.read(calling { native.json() }.plain(), "The event's data")

private fun Json.plain(): Any? =
    when (this) {
        Json.Null -> null
        is Json.Bool -> value
        is Json.Integer -> value
        is Json.Number -> value
        is Json.Text -> value
        is Json.Array -> items.map { it.plain() }
        is Json.Object -> members.mapValues { (_, value) -> value.plain() }
    }
