// Receive webhooks durably with Spring: answer as soon as the event is on disk, handle it
// afterwards.
//
//   WEBHOOK_SECRET=whsec_... mvn -q -f examples/receive-spring compile exec:java
// -Dexec.mainClass=durable.InboxAppKt

package durable

import dev.hookseal.Inbox
import dev.hookseal.Webhook
import dev.hookseal.answer
import dev.hookseal.headersOf
import jakarta.servlet.http.HttpServletRequest
import kotlinx.coroutines.runBlocking
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication
import org.springframework.context.annotation.Bean
import org.springframework.http.ResponseEntity
import org.springframework.web.bind.annotation.RequestMapping
import org.springframework.web.bind.annotation.RestController

@SpringBootApplication(proxyBeanMethods = false)
class InboxApp {
    @Bean(destroyMethod = "close")
    fun inbox(): Inbox {
        val secret =
            System.getenv("WEBHOOK_SECRET")
                ?: error("Set WEBHOOK_SECRET to the secret the webhooks are signed with.")
        val webhook = Webhook(secret, System.getenv("WEBHOOK_PROVIDER") ?: "standard")
        val inbox = Inbox(System.getenv("INBOX") ?: "sqlite:inbox.db", webhook)
        inbox.on("*") { event, handling ->
            println("handling ${event.type} ${event.id.orEmpty()}, try ${handling.number}")
        }
        runBlocking { inbox.start() }
        return inbox
    }
}

@RestController
class Receiving(private val inbox: Inbox) {
    // Of any method: some vendors ask by GET whose the endpoint is.
    @RequestMapping("/inbox")
    fun receive(request: HttpServletRequest): ResponseEntity<String> {
        // No more of the body than a webhook may have.
        val body = request.inputStream.readNBytes(inbox.maxBody.toInt() + 1)
        val headers = request.headerNames.toList().associateWith { request.getHeaders(it).toList() }
        val target = request.requestURI + request.queryString?.let { "?$it" }.orEmpty()
        val answer = runBlocking {
            inbox.answer(body, headersOf(headers), request.method, target) {
                // For our log; the peer learns no more than the code.
                println("refused ${it.code}")
            }
        }
        val response = ResponseEntity.status(answer.status)
        answer.headers.forEach { response.header(it.name, it.value) }
        return response.body(answer.body)
    }
}

fun main() {
    runApplication<InboxApp>(
        "--server.address=127.0.0.1",
        "--server.port=${System.getenv("PORT") ?: "8000"}",
    )
}
