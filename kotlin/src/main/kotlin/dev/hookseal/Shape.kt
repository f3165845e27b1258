package dev.hookseal

/**
 * What a part of an event's data looks like. The code of typed events is made of shapes; there is
 * no need to write one.
 */
public fun interface Shape<out T> {
    /**
     * Reads JSON of this shape: a map, a list, a text, a number, a boolean or null. The path says
     * where it stands.
     *
     * @throws VerificationException `invalid_payload` if it is of another shape
     */
    public fun read(json: Any?, path: String): T

    public companion object {
        /** Whatever it is. */
        public val ANY: Shape<Any?> = Shape { json, _ -> json }

        /** True or false. */
        public val BOOLEAN: Shape<Boolean> = Shape { json, path ->
            json as? Boolean ?: other(path, "true or false")
        }

        /** A number without a fraction. */
        public val INTEGER: Shape<Long> = Shape { json, path ->
            json as? Long ?: other(path, "an integer")
        }

        /** A number. */
        public val NUMBER: Shape<Double> = Shape { json, path ->
            (json as? Number)?.toDouble() ?: other(path, "a number")
        }

        /** A text. */
        public val TEXT: Shape<String> = Shape { json, path ->
            json as? String ?: other(path, "a text")
        }

        /** A list of these. */
        public fun <T> list(item: Shape<T>): Shape<List<T>> = Shape { json, path ->
            if (json !is List<*>) other(path, "a list")
            json.mapIndexed { nth, value -> item.read(value, "$path[$nth]") }
        }

        /** That, or null. */
        public fun <T> nullable(shape: Shape<T>): Shape<T?> = Shape { json, path ->
            json?.let { shape.read(it, path) }
        }
    }
}

/** The members of an object in an event's data. */
public class Members(json: Any?, private val path: String) {
    private val members = json as? Map<*, *> ?: other(path, "an object")

    /** One that has to be there. */
    public fun <T> required(name: String, shape: Shape<T>): T =
        shape.read(members[name], "$path.$name")

    /** One that may be absent, or null. */
    public fun <T> optional(name: String, shape: Shape<T>): T? =
        required(name, Shape.nullable(shape))
}

private fun other(path: String, wanted: String): Nothing =
    throw VerificationException("invalid_payload", "$path is not $wanted, as its type says.")
