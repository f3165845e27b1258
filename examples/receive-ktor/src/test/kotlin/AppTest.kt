import dev.hookseal.Header
import dev.hookseal.MAX_BODY
import dev.hookseal.Provider
import dev.hookseal.Webhook
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class AppTest {
    private val webkasa = Provider.builtin("webkasa")
    private val webhook = Webhook(listOf(webkasa.generateSecret()), webkasa, explainFailures = true)
    private val server = embeddedServer(CIO, 0, "127.0.0.1") { webhooks(webhook) }.start()
    private val port = runBlocking { server.engine.resolvedConnectors().single().port }

    @AfterEach fun stop(): Unit = server.stop(0, 0)

    private val client = HttpClient.newHttpClient()

    private fun post(body: ByteArray, headers: List<Header>): Int {
        val request =
            HttpRequest.newBuilder(URI("http://127.0.0.1:$port/webhooks"))
                .header("content-type", "application/json")
        headers.forEach { request.header(it.name, it.value) }
        request.POST(HttpRequest.BodyPublishers.ofByteArray(body))
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode()
    }

    @Test
    fun `only what is signed is accepted`() {
        val example = webkasa.example("booking.created")
        val signed = webhook.sign(example)
        assertEquals(200, post(example.body, signed))
        assertEquals(401, post(example.body + 32, signed))
        assertEquals(401, post(example.body, emptyList()))
        assertEquals(400, post(example.body, signed.map { Header(it.name, "no signature") }))
        assertEquals(413, post(ByteArray(MAX_BODY + 1), signed))
    }
}
