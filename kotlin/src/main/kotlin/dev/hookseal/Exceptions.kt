package dev.hookseal

import dev.hookseal.ffi.CoreException
import dev.hookseal.ffi.ErrorCode as NativeErrorCode
import dev.hookseal.ffi.InternalException
import dev.hookseal.ffi.errorCodes
import java.time.Duration

/**
 * The base of everything that Hookseal throws. [message] is one clear sentence that says what was
 * wrong and what to do; [code] is stable, for programs, and the same in every language: [errors]
 * lists all of them.
 */
public sealed class HooksealException(
    /** The stable code, such as `signature_mismatch`. */
    public val code: String,
    override val message: String,
    /** How long the peer is asked to wait before it comes back, where that is known. */
    public val retryAfter: Duration?,
) : Exception(message)

/**
 * A request of a stranger that is not to be trusted, or not to be handled now. [refusal] says what
 * to answer; tell the peer no more.
 */
public class VerificationException
@JvmOverloads
constructor(
    code: String,
    message: String,
    retryAfter: Duration? = null,
    /** What [Webhook.explain] says, where the webhook was asked to explain its failures. */
    public val explanation: Explanation? = null,
) : HooksealException(code, message, retryAfter) {
    /** With the explanation, so that logs show it. */
    override fun toString(): String =
        listOfNotNull(super.toString(), explanation?.toText()).joinToString("\n")
}

/** A mistake in how Hookseal was called or set up. */
public class ConfigException
@JvmOverloads
constructor(code: String, message: String, retryAfter: Duration? = null) :
    HooksealException(code, message, retryAfter)

/** An attempt to deliver that failed, or was canceled. */
public class DeliveryException
@JvmOverloads
constructor(code: String, message: String, retryAfter: Duration? = null) :
    HooksealException(code, message, retryAfter)

/** A store cannot be used or has no room. */
public class StoreException
@JvmOverloads
constructor(code: String, message: String, retryAfter: Duration? = null) :
    HooksealException(code, message, retryAfter)

/** A mistake in Hookseal itself. Please report it. */
public class InternalHooksealException(message: String) : RuntimeException(message)

/** One code of [errors]. */
public data class ErrorCode(
    /** The stable code. */
    public val code: String,
    /** The name of its class, such as `VerificationError`. */
    public val className: String,
    /** The HTTP status to answer with. */
    public val status: Int,
    /** What it means. */
    public val sentence: String,
)

/** What went wrong in an attempt, where it is told and not thrown. */
public typealias Failure = dev.hookseal.ffi.Failure

/** The same as what would be thrown. */
public fun Failure.exception(): HooksealException =
    when (errors.firstOrNull { it.code == code }?.className) {
        "VerificationError" -> VerificationException(code, message, retryAfter)
        "DeliveryError" -> DeliveryException(code, message, retryAfter)
        "StoreError" -> StoreException(code, message, retryAfter)
        else -> ConfigException(code, message, retryAfter)
    }

/** Something questionable about a secret. */
public typealias Warning = dev.hookseal.ffi.Warning

/** Every code there is, with its class, the HTTP status to answer with, and what it means. */
public val errors: List<ErrorCode> by lazy { calling { errorCodes() }.map { it.dressed() } }

/** Calls the library; what it throws becomes what this package throws. */
internal inline fun <T> calling(call: () -> T): T =
    try {
        call()
    } catch (error: CoreException) {
        throw error.dressed()
    } catch (error: InternalException) {
        throw InternalHooksealException(error.message ?: "The library failed.")
    } catch (error: IllegalStateException) {
        throw if (isClosed(error)) closed() else error
    }

internal fun CoreException.dressed(): HooksealException =
    when (this) {
        is CoreException.Verification -> VerificationException(code, sentence, retryAfter)
        is CoreException.Config -> ConfigException(code, sentence, retryAfter)
        is CoreException.Delivery -> DeliveryException(code, sentence, retryAfter)
        is CoreException.Store -> StoreException(code, sentence, retryAfter)
    }

/** The generated code says this of an object that was destroyed. */
internal fun isClosed(error: IllegalStateException): Boolean =
    error.message?.endsWith("has already been destroyed") == true

internal fun closed(): HooksealException = ConfigException("closed", "It was closed.")

internal fun NativeErrorCode.dressed(): ErrorCode =
    ErrorCode(code = code, className = className, status = status.toInt(), sentence = sentence)
