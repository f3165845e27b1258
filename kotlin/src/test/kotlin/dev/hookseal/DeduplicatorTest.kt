package dev.hookseal

import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource

internal class DeduplicatorTest {
    private val webhook = Webhook(SECRET)

    private fun event(id: String): Event {
        val body = """{"type": "a.b", "data": {}}""".toByteArray()
        return webhook.verify(body, webhook.sign(body, id = id))
    }

    private fun opened(kind: String) = Deduplicator(if (kind == "sqlite") store() else kind)

    private suspend fun refused(what: suspend () -> Unit): HooksealException =
        try {
            what()
            throw AssertionError("it was not refused")
        } catch (error: HooksealException) {
            error
        }

    @ParameterizedTest
    @ValueSource(strings = ["memory:", "sqlite"])
    fun `each event is handled once`(kind: String) = runBlocking {
        opened(kind).use { events ->
            val handled = AtomicInteger()
            assertEquals(Once.Handled(1), events.once(event("evt_1")) { handled.incrementAndGet() })
            assertEquals(Once.Duplicate, events.once(event("evt_1")) { handled.incrementAndGet() })
            assertEquals(Once.Handled(2), events.once(event("evt_2")) { handled.incrementAndGet() })
            assertEquals(2, handled.get())
            val duplicate = refused { events.claim(event("evt_1")) }
            assertEquals("duplicate_event", duplicate.code)
            assertEquals(Refusal(200, null), duplicate.refusal)
        }
    }

    @Test
    fun `of many at once one handles`() = runBlocking {
        opened("sqlite").use { events ->
            val outcomes =
                (1..16).map { async(Dispatchers.IO) { runCatching { events.claim(event("e")) } } }
            val claims = outcomes.awaitAll()
            assertEquals(1, claims.count { it.isSuccess })
            val others = claims.mapNotNull { it.exceptionOrNull() as HooksealException? }
            assertEquals(setOf("event_in_progress"), others.map { it.code }.toSet())
        }
    }

    @Test
    fun `while somebody handles it, the others are put off`() = runBlocking {
        Deduplicator("memory:", lease = Duration.ofSeconds(30)).use { events ->
            events.claim(event("e")).use { claim ->
                assertEquals(Duration.ofSeconds(30), claim.lease)
                val busy = refused { events.claim(event("e")) }
                assertEquals("event_in_progress", busy.code)
                val wait = busy.retryAfter!!.toSeconds()
                assertTrue(wait in 1..31, "$wait s")
                assertEquals(Refusal(503, busy.retryAfter), busy.refusal)
                assertEquals(listOf(Header("retry-after", "$wait")), busy.refusal.headers)
                claim.extend()
                claim.done()
            }
            assertEquals("duplicate_event", refused { events.claim(event("e")) }.code)
        }
    }

    @Test
    fun `what failed or was canceled is free again`() = runBlocking {
        opened("sqlite").use { events ->
            val failure = runCatching { events.once(event("e")) { error("not today") } }
            assertEquals("not today", failure.exceptionOrNull()?.message)

            val begun = CompletableDeferred<Unit>()
            val handling = launch {
                events.once(event("e")) {
                    begun.complete(Unit)
                    awaitCancellation()
                }
            }
            begun.await()
            handling.cancelAndJoin()
            assertEquals(Once.Handled("done"), events.once(event("e")) { "done" })

            // Closed and not done; it is released in the background.
            events.claim(event("f")).close()
            until("it is released") { runCatching { events.claim(event("f")) }.isSuccess }
        }
    }

    @Test
    fun `who slept through the lease is told so`() = runBlocking {
        Deduplicator("memory:", lease = Duration.ofMillis(100)).use { events ->
            val late = events.claim(event("e"))
            delay(150)
            until("the lease is over") { runCatching { events.claim(event("e")) }.isSuccess }
            assertEquals("claim_lost", refused { late.done() }.code)
        }
    }

    @Test
    fun `names keep apart what shares a file, and a file remembers`() = runBlocking {
        val url = store()
        Deduplicator(url, namespace = "a").use { a ->
            Deduplicator(url, namespace = "b").use { b ->
                a.claim(event("e")).done()
                b.claim(event("e")).done()
            }
        }
        Deduplicator(url, namespace = "a").use { again ->
            assertEquals("duplicate_event", refused { again.claim(event("e")) }.code)
        }
    }

    @Test
    fun `mistakes are told`() = runBlocking {
        val mistake = assertThrows<ConfigException> { Deduplicator("file:x") }
        assertEquals("invalid_argument", mistake.code)
        val server = assertThrows<ConfigException> { Deduplicator("redis://localhost/0") }
        assertEquals("invalid_argument", server.code)
        val events = Deduplicator("memory:")
        events.close()
        events.close()
        assertEquals("closed", refused { events.claim(event("e")) }.code)
    }
}
