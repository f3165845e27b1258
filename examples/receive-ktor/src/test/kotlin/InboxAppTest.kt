import dev.hookseal.Header
import dev.hookseal.Inbox
import dev.hookseal.Provider
import dev.hookseal.Webhook
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class InboxAppTest {
    private val webkasa = Provider.builtin("webkasa")
    private val webhook = Webhook(listOf(webkasa.generateSecret()), webkasa)
    private val file = Files.createTempDirectory("inbox").resolve("inbox.db")
    private val inbox = Inbox("sqlite:$file", webhook)
    private val server = embeddedServer(CIO, 0, "127.0.0.1") { inbox(inbox) }.start()
    private val port = runBlocking { server.engine.resolvedConnectors().single().port }

    @AfterEach
    fun stop() {
        server.stop(0, 0)
        inbox.close()
    }

    private val client = HttpClient.newHttpClient()

    private fun post(body: ByteArray, headers: List<Header>): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port/inbox"))
        headers.forEach { request.header(it.name, it.value) }
        request.POST(HttpRequest.BodyPublishers.ofByteArray(body))
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
    }

    @Test
    fun `what was answered is handled`(): Unit = runBlocking {
        val handled = ConcurrentLinkedQueue<String?>()
        inbox.on("booking.*") { event, _ -> handled.add(event.type) }
        val example = webkasa.example("booking.created")
        val signed = webhook.sign(example)
        assertEquals(200, post(example.body, signed).statusCode())
        assertEquals(200, post(example.body, signed).statusCode(), "a duplicate")
        inbox.start()
        assertTrue(inbox.waitIdle(Duration.ofMinutes(1)))
        assertEquals(listOf("booking.created"), handled.toList())
    }

    @Test
    fun `what is refused is refused as the vendor understands it`() {
        val example = webkasa.example("booking.created")
        val signed = webhook.sign(example)
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
