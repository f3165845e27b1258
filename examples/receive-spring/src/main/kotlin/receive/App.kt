// Receive webhooks with Spring: verify the raw body first, then trust the event.
//
//   WEBHOOK_SECRET=whsec_... mvn -q -f examples/receive-spring compile exec:java
// -Dexec.mainClass=receive.AppKt

package receive

import dev.hookseal.MAX_BODY
import dev.hookseal.VerificationException
import dev.hookseal.Webhook
import dev.hookseal.httpStatus
import jakarta.servlet.http.HttpServletRequest
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication
import org.springframework.context.annotation.Bean
import org.springframework.http.ResponseEntity
import org.springframework.web.bind.annotation.ExceptionHandler
import org.springframework.web.bind.annotation.PostMapping
import org.springframework.web.bind.annotation.RestController

@SpringBootApplication(proxyBeanMethods = false)
class App {
    @Bean
    fun webhook(): Webhook {
        val secret =
            System.getenv("WEBHOOK_SECRET")
                ?: error("Set WEBHOOK_SECRET to the secret the webhooks are signed with.")
        return Webhook(secret, System.getenv("WEBHOOK_PROVIDER") ?: "standard")
    }
}

@RestController
class Webhooks(private val webhook: Webhook) {
    // The request and no @RequestBody: what was parsed and written again is not what was signed.
    @PostMapping("/webhooks")
    fun receive(request: HttpServletRequest): ResponseEntity<Unit> {
        // No more of the body than a webhook may have.
        val body = request.inputStream.readNBytes(MAX_BODY + 1)
        if (body.size > MAX_BODY) return ResponseEntity.status(413).build()
        val headers = request.headerNames.toList().associateWith { request.getHeaders(it).toList() }
        val event = webhook.verify(body, headers, framework = "spring")
        // Answer quickly: whatever takes time belongs behind a queue.
        println("accepted ${event.type} ${event.id.orEmpty()}")
        return ResponseEntity.ok().build()
    }

    /** For our log; the peer learns no more than the status. */
    @ExceptionHandler
    fun refused(error: VerificationException): ResponseEntity<Unit> {
        println("refused ${error.code}")
        // With HOOKSEAL_EXPLAIN=1, while you develop.
        error.explanation?.let(::println)
        return ResponseEntity.status(error.httpStatus).build()
    }
}

fun main() {
    runApplication<App>(
        "--server.address=127.0.0.1",
        "--server.port=${System.getenv("PORT") ?: "8000"}",
    )
}
