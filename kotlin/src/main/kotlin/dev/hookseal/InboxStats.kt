package dev.hookseal

import dev.hookseal.ffi.InboxStats as Native

/** Counters since the inbox was opened, and gauges of this moment. */
public data class InboxStats(
    /** Events that were stored. */
    public val received: Long,
    /** Events that had been received before. */
    public val duplicates: Long,
    /** Tries that succeeded. */
    public val triesSucceeded: Long,
    /** Tries that did not. */
    public val triesFailed: Long,
    /** Events that were handled. */
    public val handled: Long,
    /** Events that failed for good. */
    public val failed: Long,
    /** Events that a handler discarded, or that had none. */
    public val discarded: Long,
    /** Failed tries that are repeated. */
    public val retried: Long,
    /** Commits of the store. */
    public val commits: Long,
    /** Operations in them. */
    public val committed: Long,
    /** Commits that failed. */
    public val commitErrors: Long,
    /** Handlers that run. */
    public val inFlight: Long,
    /** Tries that ended and whose outcome is not stored yet. */
    public val unsettled: Long,
    /** Operations that wait for their commit. */
    public val queued: Long,
    /** Events that wait to be handled. */
    public val pending: Long,
    /** Whether this process handles events. */
    public val handling: Boolean,
)

internal fun Native.dressed(): InboxStats =
    InboxStats(
        received = received.toLong(),
        duplicates = duplicates.toLong(),
        triesSucceeded = triesSucceeded.toLong(),
        triesFailed = triesFailed.toLong(),
        handled = handled.toLong(),
        failed = failed.toLong(),
        discarded = discarded.toLong(),
        retried = retried.toLong(),
        commits = commits.toLong(),
        committed = committed.toLong(),
        commitErrors = commitErrors.toLong(),
        inFlight = inFlight.toLong(),
        unsettled = unsettled.toLong(),
        queued = queued.toLong(),
        pending = pending.toLong(),
        handling = handling,
    )
