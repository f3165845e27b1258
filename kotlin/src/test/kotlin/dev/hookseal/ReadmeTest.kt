package dev.hookseal

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/**
 * The snippets of the README and of docs/kotlin.md; scripts/kotlin-readme.py made sources of them.
 */
internal class ReadmeTest {
    private val webkasa = Provider.builtin("webkasa")

    @Test
    fun `receiving, as the README shows it`() {
        val example = webkasa.example("booking.created")
        val headers =
            Webhook(System.getenv("WEBHOOK_SECRET"), "webkasa").sign(example).associate {
                it.name to listOf(it.value)
            }
        val printed = printed { assertEquals(200, readme.snippet1.hook(example.body, headers)) }
        assertTrue("booking.created" in printed, printed)
        assertEquals(401, readme.snippet1.hook(example.body + 32, headers))
        assertEquals(401, readme.snippet1.hook(example.body, emptyMap()))
    }

    @Test
    fun `sending, as the README shows it`() {
        Receiver().use { receiver ->
            readme.snippet2.hooks = store()
            val printed = printed { runBlocking { readme.snippet2.send(receiver.url) } }
            val request = receiver.received.single()
            val event = Webhook(printed.trim(), "webkasa").verify(request.body, request.headers)
            assertEquals(
                "booking.created" to """{"id":"bk_xyz789"}""",
                event.type to event.data.replace(" ", ""),
            )
        }
    }

    @Test
    fun `typed events, as the page of Kotlin shows them`() {
        val webhook = Webhook("k".repeat(32), "webkasa")
        val event = webkasa.example("booking.created")
        val headers = webhook.sign(event).associate { it.name to listOf(it.value) }
        val rooms =
            object : page.snippet4.Rooms {
                override fun reserve(data: String, key: String) = true
            }
        val printed = printed {
            runBlocking { page.snippet4.run(webhook, event, event.body, headers, "", rooms) { "" } }
        }
        assertEquals("booked by john@example.com", printed.trim())
    }

    private fun printed(run: () -> Unit): String {
        val (before, bytes) = System.out to ByteArrayOutputStream()
        System.setOut(PrintStream(bytes))
        try {
            run()
        } finally {
            System.setOut(before)
        }
        return bytes.toString()
    }
}
