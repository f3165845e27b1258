package dev.hookseal

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import java.time.Instant
import java.util.Base64

/** The Kotlin peer of the all-pairs test; tests/pairs/README.md says what it reads and writes. */
internal object PairsPeer {
    @JvmStatic
    fun main(arguments: Array<String>) {
        for (line in generateSequence(::readLine)) {
            println(tryAnswer(JsonParser.parseString(line).asJsonObject))
        }
    }

    private fun tryAnswer(request: JsonObject): JsonObject =
        try {
            answer(request)
        } catch (error: HooksealException) {
            JsonObject().apply { addProperty("error", error.code) }
        }

    private fun answer(request: JsonObject): JsonObject {
        val body = Base64.getDecoder().decode(request["body"].asString)
        val webhook = Webhook(request["secret"].asString, request["provider"].asString)
        val url = request.text("url")
        if (request["do"].asString == "sign") {
            val at = request.instant("timestamp")
            val headers = webhook.sign(body, request.text("id"), at, request.text("type"), url)
            val pairs = JsonArray()
            headers.forEach { header ->
                pairs.add(
                    JsonArray().apply {
                        add(header.name)
                        add(header.value)
                    }
                )
            }
            return JsonObject().apply { add("headers", pairs) }
        }
        val headers =
            request["headers"]
                .asJsonArray
                .map { it.asJsonArray }
                .map { Header(it[0].asString, it[1].asString) }
        val event = webhook.verify(body, headers, request.instant("now"), url)
        return JsonObject().apply { add("event", describe(event)) }
    }

    private fun describe(event: Event) =
        JsonObject().apply {
            add("id", text(event.id))
            add("type", text(event.type))
            add("tenant", text(event.tenant))
            add(
                "timestamp",
                event.timestamp?.let { JsonPrimitive(it.toEpochMilli()) } ?: JsonNull.INSTANCE,
            )
            add("data", data(event))
        }

    private fun data(event: Event): JsonElement =
        try {
            JsonParser.parseString(event.data)
        } catch (error: VerificationException) {
            JsonNull.INSTANCE
        }

    private fun text(value: String?): JsonElement = value?.let(::JsonPrimitive) ?: JsonNull.INSTANCE

    private fun JsonObject.text(name: String): String? =
        this[name]?.takeUnless { it.isJsonNull }?.asString

    private fun JsonObject.instant(name: String): Instant? =
        this[name]?.takeUnless { it.isJsonNull }?.let { Instant.ofEpochSecond(it.asLong) }
}
