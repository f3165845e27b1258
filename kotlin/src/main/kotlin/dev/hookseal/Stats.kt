package dev.hookseal

import dev.hookseal.ffi.Stats as NativeStats
import dev.hookseal.ffi.Usage as NativeUsage

/** Counters since the sender was opened, and gauges of this moment. */
public data class Stats(
    /** Messages that were stored. */
    public val sent: Long,
    /** Messages that were there already. */
    public val duplicates: Long,
    /** Attempts that were answered 2xx. */
    public val attemptsSucceeded: Long,
    /** Attempts that were not. */
    public val attemptsFailed: Long,
    /** Deliveries that succeeded. */
    public val delivered: Long,
    /** Deliveries that failed for good. */
    public val failed: Long,
    /** Failed attempts that are tried again. */
    public val retried: Long,
    /** Endpoints that were disabled by failures or by their receiver. */
    public val disabled: Long,
    /** Commits of the store. */
    public val commits: Long,
    /** Operations in them. */
    public val committed: Long,
    /** Commits that failed. */
    public val commitErrors: Long,
    /** Requests on their way. */
    public val inFlight: Long,
    /** Attempts that ended and whose outcome is not stored yet. */
    public val unsettled: Long,
    /** Operations that wait for their commit. */
    public val queued: Long,
    /** Deliveries that wait for an attempt. */
    public val pending: Long,
    /** Deliveries that are held because their endpoint is disabled. */
    public val held: Long,
    /** Whether this process is the one that delivers. */
    public val dispatching: Boolean,
)

/** What successful deliveries cost. */
public data class Usage(
    /** Successful deliveries that cost something. */
    public val deliveries: Long,
    /** What they cost. */
    public val credits: Long,
)

internal fun NativeStats.dressed(): Stats =
    Stats(
        sent = sent.toLong(),
        duplicates = duplicates.toLong(),
        attemptsSucceeded = attemptsSucceeded.toLong(),
        attemptsFailed = attemptsFailed.toLong(),
        delivered = delivered.toLong(),
        failed = failed.toLong(),
        retried = retried.toLong(),
        disabled = disabled.toLong(),
        commits = commits.toLong(),
        committed = committed.toLong(),
        commitErrors = commitErrors.toLong(),
        inFlight = inFlight.toLong(),
        unsettled = unsettled.toLong(),
        queued = queued.toLong(),
        pending = pending.toLong(),
        held = held.toLong(),
        dispatching = dispatching,
    )

internal fun NativeUsage.dressed(): Usage =
    Usage(deliveries = deliveries.toLong(), credits = credits.toLong())
