package dev.hookseal

import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/** A JVM that is killed, not asked to end. It runs the `main` of a class of these tests. */
internal class Child(main: String, vararg arguments: String, told: (String) -> Unit) {
    private val process: Process
    private val reader: Thread

    init {
        val java = System.getProperty("java.home") + "/bin/java"
        val classes =
            System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val command = ProcessBuilder(java, "-cp", classes, "dev.hookseal.$main", *arguments)
        process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start()
        reader = thread { process.inputStream.bufferedReader().forEachLine(told) }
    }

    fun kill() {
        process.destroyForcibly()
        assertTrue(process.waitFor(30, TimeUnit.SECONDS))
        assertEquals(128 + 9, process.exitValue())
        reader.join()
    }
}
