package dev.hookseal

import java.time.Duration
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

internal class SenderProcessTest {
    @Test
    fun `what send returned for survives a kill`() = runBlocking {
        val url = store()
        Receiver {
                Thread.sleep(2)
                200
            }
            .use { receiver ->
                Sender(url, "standard", settings = open).use { it.endpoints.create(receiver.url) }
                val sent = mutableListOf<String>()
                for (enough in KILLS) {
                    val goal = synchronized(sent) { sent.size } + enough
                    val child =
                        Child("SendingChildKt", url) { line ->
                            synchronized(sent) { sent.add(line) }
                        }
                    try {
                        until("the child sends") { synchronized(sent) { sent.size } >= goal }
                    } finally {
                        child.kill()
                    }
                }
                Sender(url, "standard", settings = open).use { sender ->
                    sender.start()
                    assertTrue(sender.waitIdle(Duration.ofMinutes(2)))
                }
                val bodies =
                    receiver.received
                        .groupBy { it.id }
                        .mapValues { (_, same) -> same.map { String(it.body) }.toSet() }
                assertTrue(bodies.values.all { it.size == 1 }, "the same id has the same bytes")
                // The last line may have been cut by the kill.
                val lost = sent.filter { it.length == sent.first().length && it !in bodies }
                assertEquals(emptyList<String>(), lost)
                // Requests on their way, and outcomes that were not committed: at most two for each
                // on its way.
                val repeated = receiver.received.size - bodies.size
                assertTrue(
                    repeated <= KILLS.size * 3 * CONCURRENCY,
                    "$repeated are repeated, more than were on their way",
                )
            }
    }

    internal companion object {
        const val CONCURRENCY = 8
        val KILLS = listOf(1, 40, 150)
    }
}
