// Receive webhooks durably with Ktor: answer as soon as the event is on disk, handle it afterwards.
//
//   WEBHOOK_SECRET=whsec_... mvn -q -f examples/receive-ktor compile exec:java
// -Dexec.mainClass=InboxAppKt

import dev.hookseal.Inbox
import dev.hookseal.Webhook
import dev.hookseal.answer
import dev.hookseal.headersOf
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.httpMethod
import io.ktor.server.request.receiveChannel
import io.ktor.server.request.uri
import io.ktor.server.response.header
import io.ktor.server.response.respondText
import io.ktor.server.routing.route
import io.ktor.server.routing.routing
import io.ktor.util.toMap
import io.ktor.utils.io.readRemaining
import kotlinx.coroutines.runBlocking
import kotlinx.io.readByteArray

fun Application.inbox(inbox: Inbox) {
    routing {
        // Of any method: some vendors ask by GET whose the endpoint is.
        route("/inbox") {
            handle {
                // The bytes as they came, and no more of them than a webhook may have.
                val body = call.receiveChannel().readRemaining(inbox.maxBody + 1).readByteArray()
                val headers = headersOf(call.request.headers.toMap())
                val answer =
                    inbox.answer(body, headers, call.request.httpMethod.value, call.request.uri) {
                        // For our log; the peer learns no more than the code.
                        println("refused ${it.code}")
                    }
                val (type, others) = answer.headers.partition { it.name == "content-type" }
                others.forEach { call.response.header(it.name, it.value) }
                call.respondText(
                    answer.body,
                    type.firstOrNull()?.let { ContentType.parse(it.value) },
                    HttpStatusCode.fromValue(answer.status),
                )
            }
        }
    }
}

fun main() {
    val secret =
        System.getenv("WEBHOOK_SECRET")
            ?: error("Set WEBHOOK_SECRET to the secret the webhooks are signed with.")
    val webhook = Webhook(secret, System.getenv("WEBHOOK_PROVIDER") ?: "standard")
    val port = System.getenv("PORT")?.toInt() ?: 8000
    Inbox(System.getenv("INBOX") ?: "sqlite:inbox.db", webhook).use { inbox ->
        inbox.on("*") { event, handling ->
            println("handling ${event.type} ${event.id.orEmpty()}, try ${handling.number}")
        }
        runBlocking { inbox.start() }
        embeddedServer(CIO, port, "127.0.0.1") { inbox(inbox) }.start(wait = true)
    }
}
