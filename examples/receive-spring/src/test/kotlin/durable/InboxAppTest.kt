package durable

import dev.hookseal.EventStatus
import dev.hookseal.Header
import dev.hookseal.Inbox
import dev.hookseal.Provider
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.springframework.boot.runApplication
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext

class InboxAppTest {
    private val webkasa = Provider.builtin("webkasa")
    private val context =
        runApplication<InboxApp>(
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn",
        )
    private val inbox = context.getBean(Inbox::class.java)
    private val port = (context as ServletWebServerApplicationContext).webServer.port

    @AfterEach fun stop(): Unit = context.close()

    private val client = HttpClient.newHttpClient()

    private fun post(body: ByteArray, headers: List<Header>): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port/inbox"))
        headers.forEach { request.header(it.name, it.value) }
        request.POST(HttpRequest.BodyPublishers.ofByteArray(body))
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
    }

    @Test
    fun `what was answered is handled`(): Unit = runBlocking {
        val example = webkasa.example("booking.created")
        val signed = inbox.webhook.sign(example)
        assertEquals(200, post(example.body, signed).statusCode())
        assertEquals(200, post(example.body, signed).statusCode(), "a duplicate")
        assertTrue(inbox.waitIdle(Duration.ofMinutes(1)))
        val event = inbox.events.list().items.single()
        assertEquals("booking.created" to EventStatus.HANDLED, event.type to event.status)
    }

    @Test
    fun `what is refused is refused as the vendor understands it`() {
        val example = webkasa.example("booking.created")
        val signed = inbox.webhook.sign(example)
        val forged = post(example.body + 32, signed)
        assertEquals(401, forged.statusCode())
        assertEquals("""{"code":"signature_mismatch"}""", forged.body())
        assertEquals(413, post(ByteArray(inbox.maxBody.toInt() + 1), signed).statusCode())
        inbox.close()
        val later = post(example.body, signed)
        assertEquals(503, later.statusCode())
        assertEquals("10", later.headers().firstValue("retry-after").get())
    }
}
