package dev.hookseal

import dev.hookseal.ffi.EventLanguage
import java.nio.file.Path
import kotlin.system.exitProcess

/**
 * The Kotlin source of the types of all events in this provider's catalog, as those of
 * `dev.hookseal.events` are made.
 *
 * @throws ConfigException `invalid_argument` if its file has no catalog
 */
public fun Provider.typedEvents(packageName: String): String =
    "package $packageName\n\n" +
        calling { dev.hookseal.ffi.typedEvents(native, EventLanguage.KOTLIN) }

/** `java dev.hookseal.Typegen acme.toml com.acme > Acme.kt` */
public object Typegen {
    /** Writes the typed events of a provider file. */
    @JvmStatic
    public fun main(arguments: Array<String>) {
        if (arguments.size != 2) fail("Expected a provider file and the name of a package.")
        val (file, packageName) = arguments
        try {
            print(Provider.load(Path.of(file)).typedEvents(packageName))
        } catch (error: HooksealException) {
            fail(error.message)
        }
    }

    private fun fail(message: String): Nothing {
        System.err.println("hookseal typegen: $message")
        exitProcess(1)
    }
}
