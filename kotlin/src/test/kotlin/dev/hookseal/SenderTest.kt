package dev.hookseal

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.OutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class SenderTest {
    private val minute = Duration.ofMinutes(1)

    @Test
    fun `what is sent arrives, signed with the secret that was shown once`() = runBlocking {
        Receiver().use { receiver ->
            Sender(store(), "webkasa", settings = open).use { sender ->
                val created =
                    sender.endpoints.create(
                        receiver.url,
                        name = "CRM",
                        events = listOf("booking.*"),
                        tenant = "team_1",
                    )
                sender.start()
                val message =
                    sender.send(
                        "booking.created",
                        """{"id":"bk_1"}""",
                        id = "evt_1",
                        tenant = "team_1",
                    )
                assertEquals("evt_1", message.id)
                assertFalse(message.duplicate)
                assertTrue(sender.waitIdle(minute))
                val request = receiver.received.single()
                val event =
                    Webhook(listOf(created.secret!!), sender.provider)
                        .verify(request.body, request.headers)
                assertEquals("booking.created" to """{"id":"bk_1"}""", event.type to event.data)

                assertTrue(
                    sender
                        .send(
                            "booking.created",
                            """{"id":"bk_1"}""",
                            id = "evt_1",
                            tenant = "team_1",
                        )
                        .duplicate
                )
                val conflict =
                    assertThrows<ConfigException> {
                        runBlocking {
                            sender.send("booking.created", "2", id = "evt_1", tenant = "team_1")
                        }
                    }
                assertEquals("conflict", conflict.code)

                val delivery = sender.deliveries.get(message.deliveries.single())
                assertEquals(DeliveryStatus.DELIVERED, delivery.delivery.status)
                assertEquals(200, delivery.attempts.single().responseCode)
                assertArrayEquals(request.body, delivery.body)
                assertArrayEquals(request.body, sender.messages.find("evt_1", "team_1").body)
                assertTrue(sender.messages.expunge(message.key))
                assertNull(sender.messages.get(message.key).body)
                assertEquals(1, sender.stats().delivered)
                assertTrue("hookseal_messages_total" in sender.prometheus())
            }
        }
    }

    @Test
    fun `endpoints are changed, disabled, rotated and deleted`() = runBlocking {
        Sender("memory:", "standard", settings = open).use { sender ->
            val settings =
                EndpointSettings(
                    timeout = Duration.ofSeconds(3),
                    concurrency = 2,
                    retry = RetryPolicy.NONE,
                )
            val created = sender.endpoints.create("http://127.0.0.1:9/", settings = settings)
            assertEquals(2, created.endpoint.concurrency)
            assertEquals(RetryPolicy.NONE, created.endpoint.retry)
            val version = created.endpoint.version
            val changes =
                EndpointSettings(name = "new", allowPrivate = AllowPrivate.Only("127.0.0.0/8"))
            val updated =
                sender.endpoints.update(
                    created.id,
                    changes,
                    setOf(EndpointSetting.TIMEOUT),
                    version,
                )
            assertEquals("new" to null, updated.name to updated.timeout)
            assertEquals(AllowPrivate.Only("127.0.0.0/8"), updated.allowPrivate)
            val stale =
                assertThrows<ConfigException> {
                    runBlocking { sender.endpoints.update(created.id, changes, version = version) }
                }
            assertEquals("conflict", stale.code)
            assertTrue(sender.endpoints.disable(created.id))
            assertFalse(sender.endpoints.disable(created.id))
            assertEquals(DisableReason.USER, sender.endpoints.get(created.id).disabledReason)
            assertTrue(sender.endpoints.enable(created.id))
            val rotated = sender.endpoints.rotateSecret(created.id)
            assertTrue(rotated.expose() != created.secret!!.expose())
            repeat(3) { sender.endpoints.create("http://127.0.0.1:9/$it") }
            assertEquals(4, sender.endpoints.all().toList().size)
            assertEquals(2, sender.endpoints.list(limit = 2).items.size)
            sender.endpoints.delete(created.id)
            assertEquals(
                "not_found",
                assertThrows<ConfigException> { runBlocking { sender.endpoints.get(created.id) } }
                    .code,
            )
            val blocked =
                assertThrows<DeliveryException> {
                    runBlocking {
                        Sender("memory:").use { it.endpoints.create("https://10.0.0.1/") }
                    }
                }
            assertEquals("blocked_address", blocked.code)
        }
    }

    @Test
    fun `failures are retried by hand, told by notices and exported`() = runBlocking {
        Receiver { number -> if (number <= 3) 500 else 200 }
            .use { receiver ->
                Sender(store(), "kazinex", settings = open).use { sender ->
                    val provider = sender.provider
                    val secret = provider.generateSecret()
                    sender.endpoints.create(receiver.url, secret = secret)
                    sender.start()
                    val results =
                        sender.sendMany(
                            (1..3).map { NewMessage("record.created", "$it", id = "m$it") } +
                                NewMessage("record.created", "1", id = "\u0000")
                        )
                    assertEquals(listOf(true, true, true, false), results.map { it.isSuccess })
                    assertEquals(
                        "invalid_argument",
                        (results.last().exceptionOrNull() as ConfigException).code,
                    )
                    assertTrue(sender.waitIdle(minute))
                    val failed = DeliveryFilter(status = DeliveryStatus.FAILED)
                    assertEquals(
                        listOf("m3", "m2", "m1"),
                        sender.deliveries.all(failed).map { it.message }.toList(),
                    )
                    assertEquals(
                        3,
                        sender.deliveries.list(DeliveryFilter(responseClass = 5)).items.size,
                    )
                    val kinds =
                        withTimeout(60_000) { sender.notices().map { it.kind }.take(3).toList() }
                    assertEquals(List(3) { NoticeKind.DELIVERY_FAILED }, kinds)

                    val out = ByteArrayOutputStream()
                    assertEquals(3, sender.export(out, failed))
                    assertEquals(3, out.toString().lines().count { it.startsWith("{") })
                    val full =
                        object : OutputStream() {
                            override fun write(byte: Int) = throw IOException("full")
                        }
                    assertEquals(
                        "full",
                        assertThrows<IOException> { runBlocking { sender.export(full) } }.message,
                    )

                    val first = sender.deliveries.list(failed).items.last()
                    sender.deliveries.retry(first.id)
                    assertTrue(sender.waitIdle(minute))
                    val job = sender.deliveries.retryFailed(Instant.EPOCH)
                    until("the job is done") { sender.deliveries.job(job.id).finished }
                    assertTrue(sender.waitIdle(minute))
                    assertEquals(
                        3,
                        sender.deliveries
                            .list(DeliveryFilter(status = DeliveryStatus.DELIVERED))
                            .items
                            .size,
                    )
                    assertEquals(6, receiver.received.size)
                }
            }
    }

    @Test
    fun `tests, examples and usage`() = runBlocking {
        Receiver().use { receiver ->
            Sender(store(), "kakiyo", settings = open).use { sender ->
                val type = sender.provider.events.first().name
                assertEquals(type, sender.example(type).type)
                val endpoint = sender.endpoints.create(receiver.url)
                sender.start()
                val test = sender.sendTest(endpoint.id, type)
                assertTrue(test.delivered)
                assertEquals(200, test.attempt?.responseCode)
                assertEquals(1, sender.sendTests(type).size)
                sender.send(type, "{}")
                assertTrue(sender.waitIdle(minute))
                assertEquals(Usage(deliveries = 1, credits = 2), sender.usage())
                assertEquals(Usage(0, 0), sender.usage(until = Instant.EPOCH))
            }
        }
    }

    @Test
    fun `to stop waiting is not to take back`() = runBlocking {
        Receiver().use { receiver ->
            Sender(store(), "standard", settings = open).use { sender ->
                sender.endpoints.create(receiver.url)
                val sending =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        sender.send("a", "1", id = "kept")
                    }
                sending.cancelAndJoin()
                until("it is stored all the same") {
                    sender.deliveries.list().items.any { it.message == "kept" }
                }
                sender.start()
                assertNull(withTimeoutOrNull(1) { sender.notices().first() })
                val waiting = async { sender.waitIdle() }
                waiting.cancelAndJoin()
                until("it arrives") { receiver.received.any { it.id == "kept" } }
            }
        }
    }

    @Test
    fun `closed twice, and from several sides at once`() = runBlocking {
        val sender = Sender(store(), "standard", settings = open)
        sender.start()
        val notices = async { sender.notices().toList() }
        List(4) { async { sender.shutdown() } }.forEach { it.await() }
        sender.close()
        sender.close()
        assertEquals(emptyList<Notice>(), withTimeout(60_000) { notices.await() })
        assertEquals(
            "closed",
            assertThrows<ConfigException> { runBlocking { sender.send("a", "1") } }.code,
        )
        assertEquals(
            "closed",
            assertThrows<ConfigException> { runBlocking { sender.start() } }.code,
        )
    }

    @Test
    fun `senders that nobody closed are collected`() = runBlocking {
        val url = store()
        repeat(20) { Sender(url, "standard", settings = open).start() }
        repeat(5) {
            System.gc()
            kotlinx.coroutines.delay(20)
        }
        Sender(url, "standard", settings = open).use { it.send("a", "1") }
        Unit
    }

    @Test
    fun `a key seals what is secret in the file`() = runBlocking {
        val url = store()
        val key = Secret.fromBytes(ByteArray(32) { it.toByte() })
        val text = "whsec_" + java.util.Base64.getEncoder().encodeToString(ByteArray(24) { 65 })
        Sender(url, "standard", key = key, settings = open).use { sender ->
            sender.endpoints.create("http://127.0.0.1:9/", secret = Secret(text))
        }
        val file = Path.of(url.removePrefix("sqlite:"))
        Files.list(file.parent).use { files ->
            files.forEach {
                assertFalse(text in String(Files.readAllBytes(it), Charsets.ISO_8859_1), "$it")
            }
        }
        assertEquals(
            "invalid_secret",
            assertThrows<ConfigException> { Sender(url, "standard") }.code,
        )
    }

    @Test
    fun `a transport of the JVM's own sends`() = runBlocking {
        Receiver().use { receiver ->
            Sender(store(), "standard", settings = open, transport = HttpClientTransport()).use {
                sender ->
                val created = sender.endpoints.create(receiver.url)
                sender.start()
                repeat(20) { sender.send("a", "$it") }
                assertTrue(sender.waitIdle(minute))
                val webhook = Webhook(listOf(created.secret!!))
                assertEquals(
                    (0..19).map { "$it" }.toSet(),
                    receiver.received.map { webhook.verify(it.body, it.headers).data }.toSet(),
                )
            }
        }
    }
}
