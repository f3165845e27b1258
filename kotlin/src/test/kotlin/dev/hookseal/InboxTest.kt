package dev.hookseal

import java.io.ByteArrayOutputStream
import java.time.Duration
import java.time.Instant
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import java.util.logging.Logger
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class InboxTest {
    private val webhook = Webhook(SECRET)
    private val fast = RetryPolicy(List(2) { Duration.ofMillis(10) })

    /** These fail on purpose. */
    @BeforeEach fun silence() = Logger.getLogger("hookseal").let { it.useParentHandlers = false }

    private fun body(type: String = "a.b", data: String = "{}") =
        """{"type": "$type", "timestamp": "2025-07-15T10:12:41Z", "data": $data}""".toByteArray()

    private suspend fun Inbox.take(id: String, body: ByteArray = body()): Receipt =
        receive(body, this@InboxTest.webhook.sign(body, id = id))

    private suspend fun Inbox.ended() = assertTrue(waitIdle(Duration.ofMinutes(1)))

    @Test
    fun `what was received is handled, once`() = runBlocking {
        Inbox(store(), webhook).use { inbox ->
            val seen = ConcurrentLinkedQueue<Pair<Event, Handling>>()
            inbox.on("a.*") { event, handling -> seen.add(event to handling) }.start()
            assertEquals(Receipt("evt_1", false), inbox.take("evt_1"))
            assertEquals(Receipt("evt_1", true), inbox.take("evt_1"))
            inbox.ended()
            val (event, handling) = seen.single()
            assertEquals("evt_1" to "a.b", event.id to event.type)
            assertArrayEquals(body(), event.body)
            assertEquals(1, handling.number)
            assertTrue(handling.idempotencyKey.isNotEmpty())
            assertTrue(Duration.between(handling.receivedAt, Instant.now()).abs().toMinutes() < 5)

            val detail = inbox.events.get("evt_1")
            assertEquals(EventStatus.HANDLED, detail.event.status)
            assertEquals(Instant.parse("2025-07-15T10:12:41Z"), detail.timestamp)
            assertTrue(detail.tries.single().succeeded)
            val stats = inbox.stats()
            assertEquals(
                listOf(1L, 1L, 1L),
                listOf(stats.received, stats.duplicates, stats.handled),
            )
            assertTrue("hookseal_inbox_" in inbox.prometheus())
        }
    }

    @Test
    fun `strangers get nothing stored, and mistakes are told`() = runBlocking {
        Inbox("memory:", webhook, InboxSettings(maxBody = 100)).use { inbox ->
            val refused = assertThrows<VerificationException> { inbox.receive(body(), listOf()) }
            assertEquals("missing_header" to 401, refused.code to refused.refusal.status)
            val large = assertThrows<VerificationException> { inbox.take("e", ByteArray(101)) }
            assertEquals("request_too_large" to 413, large.code to large.refusal.status)
            assertEquals(emptyList<StoredEvent>(), inbox.events.all().toList())
            val pattern = assertThrows<ConfigException> { inbox.on("a*") { _, _ -> } }
            assertEquals("invalid_argument", pattern.code)
            assertEquals("not_found", assertThrows<ConfigException> { inbox.events.get("x") }.code)
            inbox.close()
            val closed = assertThrows<ConfigException> { inbox.take("e", "{}".toByteArray()) }
            assertEquals("closed" to 503, closed.code to closed.refusal.status)
            assertEquals(Duration.ofSeconds(10), closed.refusal.retryAfter)
        }
        val file = store()
        Sender(file).close()
        val senders = assertThrows<StoreException> { Inbox(file, webhook) }
        assertEquals("store_schema", senders.code)
    }

    @Test
    fun `a handler that throws is tried again, and then somebody is told`() = runBlocking {
        Inbox(store(), webhook, InboxSettings(retry = fast)).use { inbox ->
            val tries = ConcurrentLinkedQueue<Handling>()
            val works = CompletableDeferred<Unit>()
            inbox.on("*") { _, handling ->
                tries.add(handling)
                check(works.isCompleted) { "no room at the inn" }
            }
            inbox.start()
            inbox.take("evt_1")
            inbox.ended()
            assertEquals(listOf(1, 2, 3), tries.map { it.number })
            assertEquals(1, tries.map { it.idempotencyKey }.toSet().size)

            val dead = inbox.events.list(EventFilter(EventStatus.FAILED, listOf("a.*"))).items
            assertEquals(listOf("evt_1"), dead.map { it.id })
            assertEquals("handler_failed", dead.single().errorCode)
            val last = inbox.events.get("evt_1").tries.last()
            assertEquals("handler_failed", last.error?.code)
            assertEquals("java.lang.IllegalStateException: no room at the inn", last.error?.message)
            val notice = inbox.notices().first()
            assertEquals(
                listOf("event.failed", "evt_1", "a.b"),
                listOf(notice.kindName, notice.id, notice.type),
            )
            assertEquals(EventNoticeKind.EVENT_FAILED, notice.kind)
            assertEquals("handler_failed", notice.error?.code)

            works.complete(Unit)
            inbox.events.retry("evt_1")
            inbox.ended()
            assertEquals(EventStatus.HANDLED, inbox.events.get("evt_1").event.status)
            val recovered = inbox.notices().first { it.kind == EventNoticeKind.EVENT_RECOVERED }
            assertEquals("evt_1", recovered.id)
        }
    }

    @Test
    fun `a handler says when to try again, or that it is not to be handled`() = runBlocking {
        Inbox("memory:", webhook).use { inbox ->
            inbox.on("later") { _, handling ->
                if (handling.number == 1) throw RetryIn(Duration.ofMillis(20), "busy")
            }
            inbox.on("never") { _, _ -> throw Discard("not ours") }
            inbox.start()
            inbox.take("evt_1", body("later"))
            inbox.take("evt_2", body("never"))
            inbox.take("evt_3", body("nobody's"))
            inbox.ended()
            val later = inbox.events.get("evt_1")
            assertEquals(listOf("busy", null), later.tries.map { it.error?.message })
            val never = inbox.events.get("evt_2")
            assertEquals(EventStatus.DISCARDED, never.event.status)
            assertEquals("not ours", never.tries.single().error?.message)
            assertEquals("no_handler", inbox.events.get("evt_3").event.errorCode)
        }
    }

    @Test
    fun `a try in the past is a mistake`() {
        assertThrows<IllegalArgumentException> { RetryIn(Duration.ofSeconds(-1)) }
    }

    @Test
    fun `a handler whose time is over is canceled, and then tried again`() = runBlocking {
        val patient = RetryPolicy(List(5) { Duration.ofSeconds(1) })
        val settings = InboxSettings(timeout = Duration.ofSeconds(1), retry = patient)
        Inbox("memory:", webhook, settings).use { inbox ->
            val canceled = AtomicInteger()
            val running = AtomicInteger()
            inbox.on("*") { _, handling ->
                assertEquals(1, running.incrementAndGet())
                try {
                    if (handling.number == 1) awaitCancellation()
                } catch (error: CancellationException) {
                    canceled.incrementAndGet()
                    throw error
                } finally {
                    running.decrementAndGet()
                }
            }
            inbox.start()
            inbox.take("evt_1")
            inbox.ended()
            assertEquals(1, canceled.get())
            val detail = inbox.events.get("evt_1")
            assertEquals(EventStatus.HANDLED, detail.event.status)
            // A busy machine may have needed more than one.
            val codes = detail.tries.map { it.error?.code }
            assertEquals("timeout" to null, codes.first() to codes.last())
        }
    }

    @Test
    fun `handlers run side by side, and those of one key in order`() = runBlocking {
        val orderBy = { event: Event -> Regex("k\\d").find(event.data)?.value }
        Inbox(store(), webhook, orderBy = orderBy).use { inbox ->
            val order = ConcurrentLinkedQueue<String>()
            val both = AtomicInteger()
            inbox.on("*") { event, _ ->
                val key = orderBy(event)!!
                if (event.id!!.endsWith("0")) {
                    // The first of both keys: neither goes on before the other has begun.
                    both.incrementAndGet()
                    until("the other key's begins") { both.get() == 2 }
                    delay(50)
                }
                order.add("$key ${event.id}")
            }
            for (number in 0..4) for (key in listOf("k1", "k2")) {
                inbox.take("evt_$key$number", body(data = """{"for": "$key"}"""))
            }
            inbox.start()
            inbox.ended()
            for (key in listOf("k1", "k2")) assertEquals(
                (0..4).map { "$key evt_$key$it" },
                order.filter { it.startsWith(key) },
            )
        }
        Inbox("memory:", webhook, orderBy = { error("no key") }).use { inbox ->
            val error = assertThrows<IllegalStateException> { inbox.take("evt_1") }
            assertEquals("no key", error.message)
            assertNull(inbox.events.list().items.firstOrNull())
        }
    }

    @Test
    fun `only what was verified is asked for its key`() = runBlocking {
        val asked = ConcurrentLinkedQueue<String>()
        val orderBy: (Event) -> String? = { event -> null.also { asked.add(event.id!!) } }
        Inbox("memory:", webhook, InboxSettings(maxBody = 100), orderBy = orderBy).use { inbox ->
            val refused = assertThrows<VerificationException> { inbox.receive(body(), listOf()) }
            assertEquals("missing_header", refused.code)
            val large = assertThrows<VerificationException> { inbox.take("e", ByteArray(101)) }
            assertEquals("request_too_large", large.code)
            assertEquals(emptyList<String>(), asked.toList())
            assertEquals(Receipt("evt_1", false), inbox.take("evt_1"))
            assertEquals(Receipt("evt_1", true), inbox.take("evt_1"))
            assertEquals(listOf("evt_1", "evt_1"), asked.toList())
        }
    }

    @Test
    fun `the log is listed, exported and cleaned by hand`() = runBlocking {
        Inbox(store(), webhook).use { inbox ->
            for (number in 1..5) inbox.take("evt_$number")
            val first = inbox.events.list(limit = 3)
            assertEquals(listOf("evt_5", "evt_4", "evt_3"), first.items.map { it.id })
            val rest = inbox.events.list(cursor = first.cursor, limit = 3)
            assertEquals(listOf("evt_2", "evt_1"), rest.items.map { it.id })
            assertNull(rest.cursor)

            assertTrue(inbox.events.discard("evt_1"))
            assertTrue(!inbox.events.discard("evt_1"))
            assertTrue(inbox.events.expunge("evt_2"))
            assertNull(inbox.events.get("evt_2").body)
            val discarded = inbox.events.all(EventFilter(EventStatus.DISCARDED)).toList()
            assertEquals(listOf("evt_2", "evt_1"), discarded.map { it.id }, "both say nothing more")

            val lines = ByteArrayOutputStream()
            assertEquals(5, inbox.events.export(lines))
            assertEquals(5, lines.toString().trim().lines().size)

            inbox.start()
            val job = inbox.events.retryFailed(Instant.now().minusSeconds(60))
            until("the job ends") { inbox.events.job(job.id).finished }
            assertEquals(0, inbox.events.job(job.id).retried)
        }
    }

    @Test
    fun `closing cancels what does not end, and it is handled later`() = runBlocking {
        val url = store()
        val settings = InboxSettings(retry = RetryPolicy.NONE)
        val inbox = Inbox(url, webhook, settings)
        val begun = CompletableDeferred<Unit>()
        val ended = CompletableDeferred<Unit>()
        inbox.on("*") { _, _ ->
            try {
                begun.complete(Unit)
                awaitCancellation()
            } finally {
                ended.complete(Unit)
            }
        }
        inbox.start()
        inbox.take("evt_1")
        begun.await()
        inbox.close()
        ended.await()
        inbox.close()
        Inbox(url, webhook, settings).use { again ->
            again.on("*") { _, _ -> }.start()
            again.ended()
            val detail = again.events.get("evt_1")
            assertEquals(EventStatus.HANDLED, detail.event.status, "though there are no retries")
            assertEquals(listOf("lost", null), detail.tries.map { it.error?.code })
        }
    }

    @Test
    fun `an endpoint answers what the vendor wants to hear`() = runBlocking {
        Inbox("memory:", webhook).use { inbox ->
            val signed = webhook.sign(body(), id = "evt_1")
            assertEquals(200, inbox.answer(body(), signed).status)
            assertEquals(200, inbox.answer(body(), signed).status)
            var refused: HooksealException? = null
            val forged = inbox.answer(body() + 32, signed) { refused = it }
            assertEquals(401 to "signature_mismatch", forged.status to refused?.code)
            assertEquals("""{"code":"signature_mismatch"}""", forged.body)
            assertEquals(413, inbox.answer(ByteArray(MAX_BODY + 1), signed).status)
            inbox.close()
            val later = inbox.answer(body(), signed)
            assertEquals(503, later.status)
            assertTrue(Header("retry-after", "10") in later.headers)
        }
        val slack = Webhook("a-secret-of-slack-0123456789abcdef", "slack")
        Inbox("memory:", slack).use { inbox ->
            val question = """{"type": "url_verification", "challenge": "abc"}""".toByteArray()
            val answer = inbox.answer(question, slack.sign(question))
            assertEquals(200, answer.status)
            assertTrue("abc" in answer.body)
            assertEquals(emptyList<StoredEvent>(), inbox.events.all().toList())
        }
    }
}
