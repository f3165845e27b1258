// Receive webhooks with Ktor: verify the raw body first, then trust the event.
//
//   WEBHOOK_SECRET=whsec_... mvn -q -f examples/receive-ktor compile exec:java
// -Dexec.mainClass=AppKt

import dev.hookseal.MAX_BODY
import dev.hookseal.VerificationException
import dev.hookseal.Webhook
import dev.hookseal.httpStatus
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respond
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.util.toMap
import io.ktor.utils.io.readRemaining
import kotlinx.io.readByteArray

fun Application.webhooks(webhook: Webhook) {
    routing {
        post("/webhooks") {
            // The bytes as they came, and no more of them than a webhook may have.
            val body = call.receiveChannel().readRemaining(MAX_BODY + 1L).readByteArray()
            val headers = call.request.headers.toMap()
            val status = if (body.size > MAX_BODY) 413 else receive(webhook, body, headers)
            call.respond(HttpStatusCode.fromValue(status))
        }
    }
}

fun receive(webhook: Webhook, body: ByteArray, headers: Map<String, List<String>>): Int =
    try {
        val event = webhook.verify(body, headers, framework = "ktor")
        // Answer quickly: whatever takes time belongs behind a queue.
        println("accepted ${event.type} ${event.id.orEmpty()}")
        200
    } catch (error: VerificationException) {
        // For our log; the peer learns no more than the status.
        println("refused ${error.code}")
        // With HOOKSEAL_EXPLAIN=1, while you develop.
        error.explanation?.let(::println)
        error.httpStatus
    }

fun main() {
    val secret =
        System.getenv("WEBHOOK_SECRET")
            ?: error("Set WEBHOOK_SECRET to the secret the webhooks are signed with.")
    val webhook = Webhook(secret, System.getenv("WEBHOOK_PROVIDER") ?: "standard")
    val port = System.getenv("PORT")?.toInt() ?: 8000
    embeddedServer(CIO, port, "127.0.0.1") { webhooks(webhook) }.start(wait = true)
}
