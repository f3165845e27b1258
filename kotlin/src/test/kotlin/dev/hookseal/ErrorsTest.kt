package dev.hookseal

import dev.hookseal.ffi.panicForTests
import dev.hookseal.ffi.warningCodes
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

internal class ErrorsTest {
    private val shared = json(root.resolve("tests/errors.json")).asJsonObject

    @Test
    fun `the codes are those of every language`() {
        val expected =
            shared["errors"]
                .asJsonArray
                .map { it.asJsonObject }
                .map {
                    ErrorCode(
                        it["code"].asString,
                        it["class"].asString,
                        it["status"].asInt,
                        it["sentence"].asString,
                    )
                }
        assertEquals(expected, errors)
        val warnings =
            shared["warnings"].asJsonArray.map {
                it.asJsonObject["code"].asString to it.asJsonObject["sentence"].asString
            }
        assertEquals(warnings, warningCodes().map { it.code to it.sentence })
    }

    @Test
    fun `the message is the core's sentence, and the class the code's`() {
        val refused =
            assertThrows<VerificationException> {
                Webhook(SECRET).verify(ByteArray(0), emptyList())
            }
        assertEquals("missing_header", refused.code)
        assertEquals(401, refused.httpStatus)
        assertTrue("webhook-signature" in refused.message, refused.message)
        assertTrue("code=" !in refused.message, refused.message)

        val empty = assertThrows<ConfigException> { Secret(" ") }
        assertEquals("invalid_secret", empty.code)
        val unknown = assertThrows<ConfigException> { Provider.builtin("webkassa") }
        assertEquals("unknown_provider", unknown.code)
        assertTrue("webkasa" in unknown.message, unknown.message)
        val folder = assertThrows<StoreException> { Sender("sqlite:/nowhere/at/all.db") }
        assertTrue(folder.code.startsWith("store_"), folder.code)
    }

    @Test
    fun `a failure that is told is the exception that would be thrown`() {
        assertInstanceOf(DeliveryException::class.java, Failure("timeout", "Too late.").exception())
        assertInstanceOf(StoreException::class.java, Failure("store_full", "No room.").exception())
        assertInstanceOf(ConfigException::class.java, Failure("conflict", "Another.").exception())
    }

    @Test
    fun `a panic is an exception, and the library goes on`() {
        val panic = assertThrows<InternalHooksealException> { calling { panicForTests() } }
        assertEquals("a test asked for it", panic.message)
        assertEquals("standard", Provider.builtin("standard").id)
    }
}
