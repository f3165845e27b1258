package dev.hookseal

import dev.hookseal.ffi.Explanation as Native
import dev.hookseal.ffi.findingCodes

/**
 * Why a request does not verify: for its developer, never for whoever sent it. It holds no secret,
 * no signature and nothing that the body says, and it turns no refusal into success.
 */
public class Explanation internal constructor(private val native: Native) {
    /** The id of the provider that it was verified as. */
    public val provider: String
        get() = native.provider

    /** What [Webhook.verify] says: `verified` or `refused`. */
    public val verdict: String
        get() = native.verdict

    /** The code of the exception that [Webhook.verify] throws, if it does. */
    public val code: String?
        get() = native.refusal?.code

    /** The message of that exception. */
    public val message: String?
        get() = native.refusal?.message

    /** What was found, the surest first. */
    public val findings: List<Finding>
        get() = native.findings

    /** Several lines for a terminal, with ANSI colours or without. */
    @JvmOverloads
    public fun toText(color: Boolean = false): String =
        if (color) native.coloredText else native.text

    /** A JSON object with `provider`, `verdict`, `code`, `message` and `findings`. */
    public fun toJson(): String = native.json

    /** As [toText], without colours. */
    override fun toString(): String = toText()
}

/** One thing that was found about a request: what is so, how sure that is, and what to do. */
public typealias Finding = dev.hookseal.ffi.Finding

/**
 * How sure a finding is. What is certain was tried, and the signature is right then; or the request
 * itself shows it.
 */
public typealias Certainty = dev.hookseal.ffi.FindingCertainty

/** Every code of what [Webhook.explain] finds, with one sentence on what it means. */
public val findings: Map<String, String> by lazy {
    calling { findingCodes() }.associate { it.code to it.sentence }
}

/** The names of the web frameworks that [Webhook.explain] knows remedies for. */
public val frameworks: List<String> by lazy { calling { dev.hookseal.ffi.frameworks() } }
