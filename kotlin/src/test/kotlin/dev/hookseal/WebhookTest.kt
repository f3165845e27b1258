package dev.hookseal

import java.time.Duration
import java.time.Instant
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class WebhookTest {
    private val body = """{"type":"user.created","data":{"id":7}}""".toByteArray()
    private val now = Instant.parse("2026-01-01T00:00:00Z")

    @Test
    fun `what was signed is verified, and tells what it says`() {
        val webhook = Webhook(SECRET)
        val headers = webhook.sign(body, id = "msg_1", timestamp = now)
        assertEquals(
            setOf("webhook-id", "webhook-timestamp", "webhook-signature"),
            headers.map { it.name }.toSet(),
        )
        val event = webhook.verify(body, headers, now = now)
        assertEquals("msg_1", event.id)
        assertEquals("user.created", event.type)
        assertEquals("""{"id":7}""", event.data)
        assertEquals(String(body), event.payload)
        assertEquals(now, event.timestamp)
        assertNull(event.tenant)
        assertArrayEquals(body, event.body)
        assertEquals(
            listOf("webhook-id", "webhook-signature", "webhook-timestamp"),
            webhook.headerNames.sorted(),
        )
    }

    @Test
    fun `a changed body is refused, and so is another time`() {
        val webhook =
            Webhook(SECRET, tolerance = Tolerance(Duration.ofMinutes(1), Duration.ofSeconds(5)))
        val headers = webhook.sign(body, timestamp = now)
        fun code(body: ByteArray, at: Instant) =
            assertThrows<VerificationException> { webhook.verify(body, headers, now = at) }.code
        assertEquals("signature_mismatch", code(body + 32, now))
        assertEquals("timestamp_too_old", code(body, now.plusSeconds(61)))
        assertEquals("timestamp_too_new", code(body, now.minusSeconds(6)))
        webhook.verify(body, headers, now = now.plusSeconds(60))
        webhook.verify(body, headers, now = now.minusSeconds(5))
    }

    @Test
    fun `old secrets verify during a rotation`() {
        val provider = Provider.builtin("webkasa")
        val (old, new) = provider.generateSecret() to provider.generateSecret()
        val rotating = Webhook(listOf(new, old), provider)
        val example = provider.example("booking.created")
        val event = rotating.verify(example.body, Webhook(listOf(old), provider).sign(example))
        assertEquals(1, event.keyIndex)
        assertEquals(example.data, event.data)
    }

    @Test
    fun `secrets are nowhere printed`() {
        val secret = Secret(SECRET)
        val webhook = Webhook(listOf(secret))
        val endpoint = Endpoint("https://example.com/hook?token=abc", listOf(secret))
        val settings =
            EndpointSettings(
                url = "https://example.com/?t=abc",
                headers = listOf(Header("authorization", "Bearer abc")),
            )
        for (shown in
            listOf(
                secret,
                webhook,
                endpoint,
                settings,
                Provider.builtin("webkasa").example("booking.created"),
            )) {
            assertFalse("MfKQ" in shown.toString(), shown.toString())
            assertFalse("abc" in shown.toString(), shown.toString())
        }
        assertEquals("Secret([redacted])", secret.toString())
        assertEquals(SECRET, secret.expose())
    }

    @Test
    fun `ed25519 has a public half`() {
        val private = Provider.builtin("standard").generatePrivateKey()
        val public = private.publicHalf()
        assertTrue(private.expose().startsWith("whsk_") && public.expose().startsWith("whpk_"))
        Webhook(listOf(public)).verify(body, Webhook(listOf(private)).sign(body))
        assertEquals(
            "invalid_secret",
            assertThrows<ConfigException> { Webhook(listOf(public)).sign(body) }.code,
        )
    }

    @Test
    fun `secrets that could be guessed are warned about`() {
        assertEquals(
            listOf("weak_secret"),
            Webhook(listOf(Secret("short")), Provider.builtin("github")).warnings.map { it.code },
        )
        assertEquals(emptyList<Warning>(), Webhook(SECRET).warnings)
    }

    @Test
    fun `a provider is data`() {
        val webkasa = Provider.builtin("webkasa")
        assertEquals("WebKasa", webkasa.name)
        assertEquals(listOf(1L, 5L, 30L, 120L, 1440L), webkasa.retry.delays.map { it.toMinutes() })
        assertEquals(6, webkasa.retry.maxAttempts)
        assertTrue(webkasa.events.any { it.name == "booking.created" && it.example != null })
        assertTrue(providers().size > 150)
        val own = java.nio.file.Files.readString(root.resolve("examples/own-provider.toml"))
        val provider = Provider.fromToml(own)
        assertEquals(provider.id, Provider.load(root.resolve("examples/own-provider.toml")).id)
        assertEquals(
            "invalid_provider",
            assertThrows<ConfigException> { Provider.fromToml("id = 1") }.code,
        )
    }

    @Test
    fun `bodies that are no JSON are no failure of verifying`() {
        val webhook = Webhook(SECRET)
        for (body in listOf(ByteArray(0), byteArrayOf(-1, 0, -2), "a=b".toByteArray())) {
            val event = webhook.verify(body, webhook.sign(body))
            assertArrayEquals(body, event.body)
            assertEquals("invalid_payload", assertThrows<VerificationException> { event.data }.code)
        }
    }

    @Test
    fun `the next attempt is a pure function`() {
        val policy = RetryPolicy.exponential(Duration.ofSeconds(30), 4.0, 5)
        assertEquals(listOf(30L, 120L, 480L, 1920L, 7680L), policy.delays.map { it.toSeconds() })
        assertEquals(Decision.Done, policy.next(1, status = 204))
        assertEquals(
            Decision.Retry(now.plusSeconds(30)),
            policy.next(1, failure = "timeout", now = now),
        )
        assertEquals(
            Decision.Retry(now.plusSeconds(60)),
            policy.next(1, status = 429, retryAfter = "60", now = now),
        )
        assertEquals(Decision.GiveUp, policy.next(6, status = 500))
        assertEquals(Decision.Disable, policy.copy(disableOn = listOf(410)).next(1, status = 410))
        assertEquals(
            "invalid_argument",
            assertThrows<ConfigException> { policy.next(1, failure = "no such code") }.code,
        )
    }
}
