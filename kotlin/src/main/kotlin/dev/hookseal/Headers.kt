package dev.hookseal

/** One header line. */
public typealias Header = dev.hookseal.ffi.Header

/** Header lines of pairs; a name may occur several times. */
@JvmName("headersOfPairs")
public fun headersOf(pairs: Iterable<Pair<String, String>>): List<Header> =
    pairs.map { (name, value) -> Header(name, value) }

/** Header lines of a map of lists, as `HttpHeaders` of most frameworks are. */
public fun headersOf(headers: Map<String, Iterable<String>>): List<Header> =
    headers.flatMap { (name, values) -> values.map { Header(name, it) } }

/** Header lines of a map. */
@JvmName("headersOfStrings")
public fun headersOf(headers: Map<String, String>): List<Header> =
    headers.map { (name, value) -> Header(name, value) }

/** The lines as pairs, for frameworks that want them so. */
public fun List<Header>.pairs(): List<Pair<String, String>> = map { it.name to it.value }
