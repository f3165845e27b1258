package dev.hookseal

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.util.Base64
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** The vectors that every language runs, through the public API. */
internal class VectorsTest {
    private val folder = root.resolve("tests/vectors")

    @TestFactory
    fun vectors(): List<DynamicTest> {
        val files =
            Files.list(folder).use { files ->
                files.filter { it.toString().endsWith(".json") }.sorted().toList()
            }
        assertTrue(files.size > 150)
        return files
            .filter { json(it).asJsonObject.has("cases") }
            .map { dynamicTest("${it.fileName}") { run(it) } }
    }

    @Test
    fun handshakes() {
        val cases = json(folder.resolve("handshakes.json")).asJsonObject["handshakes"].asJsonArray
        assertTrue(cases.size() > 30)
        cases.forEach { shake(it.asJsonObject) }
    }

    /** Letters of ASCII only: the Kelvin sign is no k. */
    private fun String.asciiLowercase(): String =
        map { if (it in 'A'..'Z') it.lowercaseChar() else it }.joinToString("")

    private fun run(file: Path) {
        val vectors = json(file).asJsonObject
        val provider =
            vectors.text("toml")?.let { Provider.fromToml(it) }
                ?: Provider.builtin(vectors.text("provider")!!)
        val cases = vectors["cases"].asJsonArray
        assertTrue(cases.size() > 0)
        cases
            .map { it.asJsonObject }
            .forEach { case ->
                val name = case.text("name")
                assertEquals(
                    case.text("expect"),
                    outcome { verify(provider, case, lines(case)) },
                    "$name",
                )
                val byName = lines(case).groupBy({ it.name.asciiLowercase() }, { it.value })
                assertEquals(
                    case.text("expect"),
                    outcome { verify(provider, case, headersOf(byName)) },
                    "$name, as a map",
                )
                case["sign"]?.let { sign(provider, case, it.asJsonObject) }
            }
    }

    private fun verify(provider: Provider, case: JsonObject, headers: List<Header>) {
        val event =
            webhook(provider, case)
                .verify(
                    body(case),
                    headers,
                    case.instant("now"),
                    case.text("url"),
                    case.text("method"),
                )
        val expected = case["event"]?.asJsonObject ?: JsonObject()
        if (expected.has("id")) assertEquals(expected.text("id"), event.id)
        if (expected.has("type")) assertEquals(expected.text("type"), event.type)
        if (expected.has("timestamp"))
            assertEquals(expected["timestamp"].asLong, event.timestamp?.toEpochMilli())
        case["key_index"]?.let { assertEquals(it.asInt, event.keyIndex) }
        assertArrayEquals(body(case), event.body)
    }

    private fun sign(provider: Provider, case: JsonObject, options: JsonObject) {
        val signed =
            webhook(provider, case)
                .sign(
                    body(case),
                    options.text("id"),
                    options.instant("timestamp"),
                    options.text("type"),
                    options.text("url"),
                    options.text("method"),
                )
        val expected = lines(case).associate { it.name.lowercase() to it.value }
        assertEquals(expected, signed.pairs().toMap(), case.text("name"))
    }

    private fun shake(case: JsonObject) {
        val name = case.text("name")
        var answer: HandshakeAnswer? = null
        val outcome = outcome {
            val provider = Provider.builtin(case.text("provider")!!)
            val arguments = Request(body(case), lines(case), case)
            answer =
                if (case["secrets"].asJsonArray.isEmpty) arguments.ask(provider)
                else arguments.ask(webhook(provider, case))
        }
        val expected = case.text("expect")
        assertEquals(if (expected in setOf("answer", "none")) "valid" else expected, outcome, name)
        assertEquals(expected == "answer", answer != null, name)
        val got = answer ?: return
        case.text("body_sent")?.let { assertEquals(it, got.body, name) }
        case["json_sent"]
            ?.takeUnless { it.isJsonNull }
            ?.let { assertEquals(it, com.google.gson.JsonParser.parseString(got.body), name) }
        assertEquals(pairs(case["headers_sent"]), got.headers.pairs(), name)
        assertEquals(case.text("secret_given"), got.secret?.expose(), name)
        assertEquals(200, got.status)
    }

    private class Request(val body: ByteArray, val headers: List<Header>, val case: JsonObject) {
        fun ask(webhook: Webhook) =
            webhook.handshake(
                body,
                headers,
                case.text("method"),
                case.text("url"),
                case.text("verify_token"),
                case.instant("now"),
            )

        fun ask(provider: Provider) =
            provider.handshake(
                body,
                headers,
                case.text("method"),
                case.text("url"),
                case.text("verify_token"),
                case.instant("now"),
            )
    }

    private fun outcome(call: () -> Unit): String =
        try {
            call()
            "valid"
        } catch (error: HooksealException) {
            error.code
        }

    private fun webhook(provider: Provider, case: JsonObject) =
        Webhook(case["secrets"].asJsonArray.map { Secret(it.asString) }, provider)

    private fun body(case: JsonObject): ByteArray =
        case.text("body_base64")?.let { Base64.getDecoder().decode(it) }
            ?: case.text("body")!!.toByteArray()

    /** Each byte as a character, as servers on the JVM show them. */
    private fun lines(case: JsonObject): List<Header> =
        pairs(case["headers"]).map { (name, value) ->
            Header(name, String(value.toByteArray(), Charsets.ISO_8859_1))
        }
}

private fun JsonObject.text(name: String): String? =
    this[name]?.takeUnless { it.isJsonNull }?.asString

private fun JsonObject.instant(name: String): Instant? =
    this[name]
        ?.takeUnless { it.isJsonNull }
        ?.let { Instant.ofEpochMilli((it.asDouble * 1000).toLong()) }

private fun pairs(list: JsonElement?): List<Pair<String, String>> =
    list?.asJsonArray.orEmpty().map { it.asJsonArray }.map { it[0].asString to it[1].asString }

private fun com.google.gson.JsonArray?.orEmpty(): List<JsonElement> = this?.toList() ?: emptyList()
