package dev.hookseal

import com.google.gson.JsonParser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class ExplainTest {
    private val webhook = Webhook(SECRET)
    private val body = """{"type": "a.b",  "data": {"secret": "of nobody's"}}""".toByteArray()
    private val signed = webhook.sign(body)
    private val parsed = JsonParser.parseString(String(body)).toString().toByteArray()

    @Test
    fun `the codes are those of every language`() {
        val shared = json(root.resolve("tests/findings.json")).asJsonObject
        val expected =
            shared["findings"]
                .asJsonArray
                .map { it.asJsonObject }
                .associate { it["code"].asString to it["sentence"].asString }
        assertEquals(expected, findings)
        assertEquals(shared["frameworks"].asJsonArray.map { it.asString }, frameworks)
        assertEquals(
            shared["certainties"].asJsonArray.map { it.asString },
            Certainty.entries.map { it.name.lowercase() },
        )
    }

    @Test
    fun `it says what was done to the body, and what to do`() {
        val written = """{"type":"a.b","data":{}}""".toByteArray()
        val spaced = """{"type": "a.b", "data": {}}""".toByteArray()
        val headers = webhook.sign(written)
        val explanation = webhook.explain(spaced, headers, framework = "express")
        assertEquals("standard", explanation.provider)
        assertEquals("refused" to "signature_mismatch", explanation.verdict to explanation.code)
        val finding = explanation.findings.first()
        assertEquals("body_reserialized" to Certainty.CERTAIN, finding.code to finding.certainty)
        assertTrue("express.raw" in finding.remedy, finding.remedy)
        assertTrue("body_reserialized" in explanation.toText())
        assertEquals(explanation.toText(), "$explanation")
        assertTrue("\u001b[" in explanation.toText(color = true))
        assertTrue("\u001b[" !in explanation.toText())
        val json = JsonParser.parseString(explanation.toJson()).asJsonObject
        assertEquals("signature_mismatch", json["code"].asString)
        val first = json["findings"].asJsonArray.first().asJsonObject
        assertEquals(finding.what, first["what"].asString)
    }

    @Test
    fun `what verifies is verified, and another secret is told by its number`() {
        val verified = webhook.explain(body, signed)
        assertEquals("verified", verified.verdict)
        assertNull(verified.code)
        assertNull(verified.message)

        val theirs = Secret.generate()
        val foreign = Webhook(listOf(theirs)).sign(body)
        val other = webhook.explain(body, foreign, otherSecrets = listOf(Secret.generate(), theirs))
        assertEquals("secret_other", other.findings.first().code)
        assertEquals("refused", other.verdict)
        assertTrue(theirs.expose() !in other.toString() + other.toJson())
    }

    @Test
    fun `a framework that is not known is a mistake`() {
        val error = assertThrows<ConfigException> { webhook.explain(body, signed, framework = "x") }
        assertEquals("invalid_argument", error.code)
    }

    @Test
    fun `in development, exceptions have the explanation`() {
        val quiet = assertThrows<VerificationException> { webhook.verify(parsed, signed) }
        assertNull(quiet.explanation)
        val telling = Webhook(SECRET, explainFailures = true)
        val error = assertThrows<VerificationException> { telling.verify(parsed, signed) }
        assertEquals("signature_mismatch", error.code)
        assertEquals(quiet.message, error.message)
        val explanation = error.explanation!!
        assertEquals("refused", explanation.verdict)
        assertTrue(explanation.toText() in error.toString())
        assertTrue("nobody's" !in error.toString())
        assertEquals("a.b", telling.verify(body, signed).type)
    }

    @Test
    fun `exceptions say what to do in the framework`() {
        val telling = Webhook(SECRET, explainFailures = true)
        val headers = telling.sign("""{"type":"a.b"}""".toByteArray())
        val spaced = """{"type": "a.b"}""".toByteArray()
        for ((framework, expected) in
            mapOf(
                "ktor" to "call.receive<ByteArray>()",
                "spring" to "request.inputStream.readAllBytes()",
            )) {
            val error =
                assertThrows<VerificationException> {
                    telling.verify(spaced, headers, framework = framework)
                }
            val remedy = error.explanation!!.findings.first().remedy
            assertTrue(expected in remedy, remedy)
        }
    }
}
