package dev.hookseal

import acme.Acme
import dev.hookseal.events.Kagibag
import dev.hookseal.events.Kakiyo
import dev.hookseal.events.Kazinex
import dev.hookseal.events.Webkasa
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class TypedEventsTest {
    private val file = root.resolve("tests/typegen/acme.toml")
    private val acme = Provider.load(file)

    /** What a receiver verified. */
    private fun made(provider: Provider, type: String, data: String): Event {
        val webhook = Webhook(listOf(Secret("k".repeat(32))), provider)
        val envelope = """{"id": "1", "type": "$type", "created_at": null, "data": $data}"""
        val body = envelope.replace("null", "\"2025-07-15T10:00:00Z\"").toByteArray()
        return webhook.verify(body, webhook.sign(body))
    }

    @Test
    fun `every example is of a class of its own`() {
        val typed: Map<String, (Event) -> TypedEvent> =
            mapOf(
                "kagibag" to Kagibag::typed,
                "kakiyo" to Kakiyo::typed,
                "kazinex" to Kazinex::typed,
                "webkasa" to Webkasa::typed,
            )
        for ((id, typed) in typed) {
            val provider = Provider.builtin(id)
            val classes = provider.events.map { typed(provider.example(it.name)).javaClass }.toSet()
            assertEquals(provider.events.size, classes.size, id)
            assertTrue(classes.none { it.simpleName == "UnlistedEvent" }, id)
        }
    }

    @Test
    fun `the data is what the vendor says`() {
        val event = Provider.builtin("webkasa").example("booking.created")
        val typed = Webkasa.typed(event)
        assertSame(event, typed.original)
        val seen =
            when (typed) {
                is Webkasa.BookingCreatedEvent -> typed.data.attendeeEmail
                is Webkasa.BookingCancelledEvent -> typed.data.cancellationReason
                else -> typed.original.type
            }
        assertEquals("john@example.com", seen)
    }

    @Test
    fun `other types are of the open class`() {
        val moved = made(Provider.builtin("webkasa"), "booking.moved", "[1]")
        assertEquals(Webkasa.UnlistedEvent(moved), Webkasa.typed(moved))
    }

    @Test
    fun `data of another shape is refused, and new members are not`() {
        fun booking(status: String) =
            made(
                Provider.builtin("webkasa"),
                "booking.created",
                """{"id": "b", "schedule_id": "s", "start_time": "", "end_time": "",
                "status": $status, "attendee_name": "", "attendee_email": "", "added": true}""",
            )
        assertInstanceOf(
            Webkasa.BookingCreatedEvent::class.java,
            Webkasa.typed(booking("\"PENDING\"")),
        )
        val error = assertThrows<VerificationException> { Webkasa.typed(booking("1")) }
        assertEquals("invalid_payload", error.code)
        assertEquals("The event's data.status is not a text, as its type says.", error.message)
    }

    @Test
    fun `what is assumed may be absent`() {
        val event = made(Provider.builtin("kagibag"), "order.paid", """{"test": true}""")
        val paid = Kagibag.typed(event) as Kagibag.OrderPaidEvent
        assertEquals(true to null, paid.data.test to paid.data.status)
    }

    @Test
    fun `a file of one's own`() {
        val paid = Acme.typed(acme.example("order.paid")) as Acme.OrderPaidEvent
        val order = paid.data
        assertEquals(Acme.OrderPaidStatus.PAID, order.status)
        assertEquals("Ada" to "Ada", order.firstName to order.firstName2)
        assertEquals("order" to "a", order.type to order.class2)
        assertEquals(1.5, order.price)
        assertEquals(2.5 to 4.0, order.items[1].count to order.items[1].price)
        assertNull(order.items[1].kind)
        assertEquals(listOf("a", "b"), (Acme.typed(acme.example("ids")) as Acme.IdsEvent).data)
        val known = (Acme.typed(acme.example("order_paid")) as Acme.OrderPaid2Event).data
        assertEquals(true, known.late)
    }

    @Test
    fun `it is made of the file, as it is here`() {
        val source = root.resolve("kotlin/src/test/kotlin/acme/Acme.kt")
        assertEquals(Files.readString(source), acme.typedEvents("acme"))
        val (before, bytes) = System.out to ByteArrayOutputStream()
        System.setOut(PrintStream(bytes))
        try {
            Typegen.main(arrayOf("$file", "acme"))
        } finally {
            System.setOut(before)
        }
        assertEquals(Files.readString(source), bytes.toString())
        val error =
            assertThrows<ConfigException> { Provider.builtin("standard").typedEvents("standard") }
        assertEquals("invalid_argument", error.code)
    }
}
