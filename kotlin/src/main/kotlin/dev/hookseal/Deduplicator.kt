package dev.hookseal

import dev.hookseal.ffi.Claim as NativeClaim
import dev.hookseal.ffi.Deduplicator as Native
import dev.hookseal.ffi.DeduplicatorOptions
import java.time.Duration
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/**
 * Tells events that were handled before, or are being handled, from new ones.
 *
 * @param url `memory:` for one process, which forgets; `sqlite:path` for the processes of one
 *   machine
 * @param keep how long an event that is done is remembered: seven days, or for as long as its
 *   provider retries if that is longer
 * @param lease for how long a claim holds if its holder dies: 60 seconds. Longer than any handler
 *   takes
 * @param capacity how many events `memory:` remembers at most: 100 000
 * @param namespace keeps apart what shares a store
 * @throws ConfigException `invalid_argument`
 * @throws StoreException for a file that is locked, damaged, not writable or another program's
 */
public class Deduplicator
@JvmOverloads
constructor(
    url: String,
    keep: Duration? = null,
    lease: Duration? = null,
    capacity: Int? = null,
    namespace: String = "",
) : AutoCloseable {
    private val native: Native = calling {
        Native.open(url, DeduplicatorOptions(keep, lease, capacity?.let(::size), namespace))
    }

    /**
     * Claims an event for the caller alone, by its id or, where its provider gives none, by its
     * body. A claim that is closed before it is done is released.
     *
     * @throws VerificationException `duplicate_event` if it was done before; `event_in_progress`,
     *   with `retryAfter`, if somebody else has it and is not done. [refusal] says what to answer
     * @throws StoreException
     */
    public suspend fun claim(event: Event): Claim = Claim(calling { native.claim(event.native) })

    /**
     * Calls the handler, unless the event was handled before. If the handler throws or is canceled,
     * the event is free again.
     *
     * @throws VerificationException `event_in_progress`
     * @throws StoreException `claim_lost` if the lease ran out meanwhile and somebody else has
     *   claimed the event
     */
    public suspend fun <T> once(event: Event, handler: suspend () -> T): Once<T> {
        val claim =
            try {
                claim(event)
            } catch (error: VerificationException) {
                if (error.code == "duplicate_event") return Once.Duplicate
                throw error
            }
        return claim.use {
            val value =
                try {
                    handler()
                } catch (error: Throwable) {
                    // If it cannot be released it ends with its lease.
                    runCatching { withContext(NonCancellable) { claim.release() } }
                    throw error
                }
            withContext(NonCancellable) { claim.done() }
            Once.Handled(value)
        }
    }

    /** Closes the file. Claims that are held end with their leases. */
    public suspend fun shutdown(): Unit = calling { native.shutdown() }

    /** As [shutdown], and waits for it on this thread. */
    override fun close(): Unit = runBlocking { shutdown() }
}

/** What came of [Deduplicator.once]. */
public sealed interface Once<out T> {
    /** The event was handled before; the handler was not called. */
    public data object Duplicate : Once<Nothing>

    /** The handler was called, and returned this. */
    public data class Handled<out T>(public val value: T) : Once<T>
}

/** The right to handle an event, which nobody else has meanwhile. */
public class Claim internal constructor(private val native: NativeClaim) : AutoCloseable {
    /** For how long it holds, from when it was made or extended. */
    public val lease: Duration
        get() = calling { native.lease() }

    /**
     * The event was handled: from now on, it is a duplicate.
     *
     * @throws StoreException `claim_lost` if the lease ran out and somebody else has claimed the
     *   event since
     */
    public suspend fun done(): Unit = calling { native.done() }

    /** The event was not handled: whoever asks next gets it. Does nothing to one that is done. */
    public suspend fun release(): Unit = calling { native.release() }

    /**
     * Has the lease begin anew, for handlers that take longer.
     *
     * @throws StoreException `claim_lost` if it ran out and somebody else has claimed the event
     *   since
     */
    public suspend fun extend(): Unit = calling { native.extend() }

    /** Releases what is not done, in the background. */
    override fun close(): Unit = native.close()
}
