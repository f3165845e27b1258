package dev.hookseal

import dev.hookseal.ffi.TestResult as NativeTestResult

/** What came of a test at one endpoint. */
public data class TestResult(
    /** The endpoint. */
    public val endpoint: Long,
    /** The delivery in the log. */
    public val delivery: Long,
    /** Whether the receiver accepted it. */
    public val delivered: Boolean,
    /** The attempt, if there was one in time. */
    public val attempt: StoredAttempt?,
)

internal fun NativeTestResult.dressed(): TestResult =
    TestResult(
        endpoint = endpoint,
        delivery = delivery,
        delivered = delivered,
        attempt = attempt?.dressed(),
    )
