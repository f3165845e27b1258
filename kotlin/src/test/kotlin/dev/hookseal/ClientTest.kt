package dev.hookseal

import java.io.IOException
import java.net.ServerSocket
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class ClientTest {
    private val provider = Provider.builtin("webkasa")
    private val secret = provider.generateSecret()
    private val event = provider.example("booking.created")

    private fun endpoint(
        url: String,
        retry: RetryPolicy = RetryPolicy.NONE,
        timeout: Duration? = null,
    ) =
        Endpoint(
            url,
            listOf(secret),
            provider,
            timeout,
            retry,
            listOf(Header("authorization", "Bearer token")),
        )

    private fun client(transport: Transport? = null) =
        Client(allowHttp = true, allowPrivate = AllowPrivate.All, transport = transport)

    @Test
    fun `an event is delivered, signed and with retries`() = runBlocking {
        Receiver { number -> if (number == 1) 503 else 200 }
            .use { receiver ->
                val delivery =
                    client().use {
                        it.deliver(
                            endpoint(receiver.url, RetryPolicy(listOf(Duration.ofMillis(10)))),
                            event,
                        )
                    }
                assertTrue(delivery.delivered)
                assertEquals(listOf(503, 200), delivery.attempts.map { it.responseCode })
                assertEquals(listOf(1, 2), delivery.attempts.map { it.number })
                assertEquals("said 200", String(delivery.attempts.last().responseBody))
                val shown =
                    delivery.attempts.last().requestHeaders.first { it.name == "authorization" }
                assertEquals("[redacted]", shown.value)
                receiver.received.forEach {
                    assertEquals(
                        event.id,
                        Webhook(listOf(secret), provider).verify(it.body, it.headers).id,
                    )
                }
            }
    }

    @Test
    fun `only to where it may`() {
        val closed = Client()
        fun code(url: String) =
            assertThrows<HooksealException> { runBlocking { closed.deliver(endpoint(url), event) } }
                .code
        assertEquals("invalid_url", code("http://example.com/"))
        assertEquals("blocked_address", code("https://127.0.0.1/"))
        assertEquals("blocked_address", code("https://localhost/"))
        closed.close()
        closed.close()
        assertEquals("closed", code("https://example.com/"))
    }

    @Test
    fun `a canceled coroutine ends the delivery`() = runBlocking {
        // Somebody who takes connections and never answers.
        ServerSocket(0).use { silent ->
            val url = "http://127.0.0.1:${silent.localPort}/"
            val begun = System.nanoTime()
            assertNull(withTimeoutOrNull(300) { client().deliver(endpoint(url), event) })
            assertTrue(Duration.ofNanos(System.nanoTime() - begun) < provider.timeout)
            withTimeout(10_000) {
                silent.accept().use { assertTrue(it.getInputStream().readAllBytes().isNotEmpty()) }
            }
        }
    }

    @Test
    fun `a transport of the JVM's own delivers`() = runBlocking {
        Receiver { number -> if (number == 1) 302 else 200 }
            .use { receiver ->
                val delivery =
                    client(HttpClientTransport())
                        .deliver(endpoint(receiver.url, RetryPolicy(listOf(Duration.ZERO))), event)
                // The redirect to the same url was not followed: it is the first attempt's answer.
                assertEquals(listOf(302, 200), delivery.attempts.map { it.responseCode })
                assertEquals("said 200", String(delivery.attempts.last().responseBody))
                assertTrue(
                    delivery.attempts.last().responseHeaders.any {
                        it.name == "x-answer" && it.value == "yes"
                    }
                )
                val request = receiver.received.last()
                assertEquals(listOf("Bearer token"), request.headers["Authorization"])
                Webhook(listOf(secret), provider).verify(request.body, request.headers)
                Unit
            }
    }

    @Test
    fun `the guard stands before the transport`() {
        val handed = AtomicInteger()
        val counting = Transport {
            handed.incrementAndGet()
            TransportResponse(200, emptyList(), ByteArray(0))
        }
        val guarded = Client(transport = counting)
        fun deliver(url: String) = runBlocking { guarded.deliver(endpoint(url), event) }
        assertEquals(
            "invalid_url",
            assertThrows<ConfigException> { deliver("http://example.com/") }.code,
        )
        assertEquals(
            "blocked_address",
            assertThrows<DeliveryException> { deliver("https://10.0.0.1/") }.code,
        )
        assertEquals(
            "dns_failed",
            deliver("https://no-such-host.invalid/").attempts.single().error?.code,
        )
        assertEquals(0, handed.get())
        val seen = CompletableDeferred<TransportRequest>()
        val looking = Transport {
            seen.complete(it)
            TransportResponse(204, emptyList(), ByteArray(it.responseLimit + 1))
        }
        val delivery = runBlocking {
            Client(transport = looking).deliver(endpoint("https://93.184.215.14/hook"), event)
        }
        assertTrue(delivery.delivered && delivery.attempts.single().responseTruncated)
        assertEquals(listOf("93.184.215.14:443"), runBlocking { seen.await() }.addresses)
    }

    @Test
    fun `what a transport throws is told by its code`() {
        fun error(thrown: () -> Throwable): Failure {
            val delivery = runBlocking {
                client { throw thrown() }.deliver(endpoint("https://127.0.0.1/"), event)
            }
            return checkNotNull(delivery.attempts.single().error)
        }
        assertEquals("connect_failed", error { java.net.ConnectException("secret-path") }.code)
        assertEquals("dns_failed", error { java.net.UnknownHostException("x") }.code)
        assertEquals("timeout", error { java.net.http.HttpTimeoutException("x") }.code)
        assertEquals("tls_failed", error { javax.net.ssl.SSLHandshakeException("x") }.code)
        assertEquals("protocol_error", error { IOException("x") }.code)
        assertEquals("protocol_error", error { IllegalStateException("secret-path") }.code)
        assertEquals(
            Failure("tls_failed", "Pinned."),
            error { DeliveryException("tls_failed", "Pinned.") },
        )
        assertTrue("secret-path" !in error { IllegalStateException("secret-path") }.message)
    }

    @Test
    fun `the deadline of an attempt cancels the transport`() = runBlocking {
        val canceled = CompletableDeferred<Boolean>()
        val never = Transport {
            try {
                awaitCancellation()
            } catch (error: CancellationException) {
                canceled.complete(true)
                throw error
            }
        }
        val endpoint = endpoint("https://127.0.0.1/", timeout = Duration.ofMillis(100))
        val delivery = client(never).deliver(endpoint, event)
        assertEquals("timeout", delivery.attempts.single().error?.code)
        assertTrue(withTimeout(30_000) { canceled.await() })
    }
}
