package dev.hookseal

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

internal class InboxProcessTest {
    @Test
    fun `what was acknowledged is handled, whatever is killed`() = runBlocking {
        val url = store()
        val file = Files.createTempFile("hookseal", ".handled")
        val lines = ConcurrentLinkedQueue<String>()
        for ((nth, enough) in KILLS.withIndex()) {
            val goal = lines.size + enough
            val child = Child("HandlingChildKt", url, "$file", "$nth") { lines.add(it) }
            try {
                until("the child receives") { lines.size >= goal }
                // In the midst of handling.
                if (nth > 0) until("the child handles") { handled(file).size >= enough / 2 }
            } finally {
                child.kill()
            }
        }
        // The last line may have been cut by the kill.
        val acknowledged = lines.filter { it.endsWith(";") }.map { it.removeSuffix(";") }
        assertTrue(acknowledged.size >= KILLS.sum() - KILLS.size)
        val here = ConcurrentLinkedQueue<String>()
        Inbox(url, Webhook(SECRET)).use { inbox ->
            inbox.on("*") { event, _ -> here.add(event.id!!) }.start()
            assertTrue(inbox.waitIdle(Duration.ofMinutes(2)))
            assertEquals(emptyList<StoredEvent>(), inbox.events.list(FAILED).items)
        }
        val all = handled(file) + here
        assertTrue(here.isNotEmpty(), "something was left to be handled")
        assertEquals(emptyList<String>(), acknowledged - all.toSet())
        // Handlers that ran when their process was killed, and outcomes that were not committed.
        val repeated = all.size - all.toSet().size
        assertTrue(repeated <= KILLS.size * 3 * 64, "$repeated were handled again")
    }

    private fun handled(file: Path): List<String> =
        Files.readString(file).split("\n").filter { it.isNotEmpty() }

    private companion object {
        val KILLS = listOf(1, 40, 150)
        val FAILED = EventFilter(EventStatus.FAILED)
    }
}
