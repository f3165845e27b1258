package dev.hookseal

import dev.hookseal.ffi.Inbox as Native
import dev.hookseal.ffi.RequestOptions
import java.time.Duration
import java.time.Instant
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.runBlocking

/**
 * Receives events durably: what [receive] returned for is handled, whatever happens to the process.
 * Several processes may open one file; all of them may receive, and of those that were
 * [started][start] one handles.
 *
 * @param url `sqlite:path`, or `memory:` for one that forgets; a sender needs another file
 * @param webhook what requests are verified with
 * @param context where handlers run; they may block on the usual one
 * @param orderBy the key of an event, if it has one: those of one key are handled one after the
 *   other, in the order in which they were received
 * @throws ConfigException `invalid_argument`
 * @throws StoreException for a file that is locked, damaged, not writable, a sender's or another
 *   program's
 */
public class Inbox(
    url: String,
    public val webhook: Webhook,
    settings: InboxSettings = InboxSettings(),
    context: CoroutineContext = Dispatchers.IO,
    private val orderBy: ((Event) -> String?)? = null,
) : AutoCloseable {
    private val native: Native = calling { Native.open(url, webhook.native, settings.native()) }
    private val timeout = calling { native.timeout() }
    private val handlers = CoroutineScope(context + SupervisorJob())

    /** How many bytes a body may have. */
    public val maxBody: Long = calling { native.maxBody() }.toLong()

    /** The log of what was received, and trying again. */
    public val events: Events = Events(native)

    /**
     * Has this handler run for events of these types: an exact one, `booking.*`, or `*` for all. It
     * gets the event, and which try it is. Whatever it throws is a failed try, which is logged and
     * repeated; [RetryIn] and [Discard] say more. When its time is over it is canceled; the event
     * is tried again after it has returned.
     *
     * An event has one handler, the first that wants it. Register all before [start]: an event that
     * has none in the process that takes it up is discarded.
     *
     * @throws ConfigException `invalid_argument` for a pattern that makes no sense
     */
    public fun on(
        pattern: String,
        handler: suspend (event: Event, handling: Handling) -> Unit,
    ): Inbox {
        calling { native.register(pattern, Runner(handlers, timeout, handler)) }
        return this
    }

    /**
     * Verifies a request, and stores its event unless it was received before. It is durable when
     * this returns: answer 2xx then, also to a duplicate. If the coroutine is canceled meanwhile,
     * the event may have been stored all the same. Takes what [Webhook.verify] takes.
     *
     * @throws VerificationException if it is not to be trusted, or larger than [maxBody]
     * @throws StoreException if it cannot be stored. [refusal] says what to answer
     * @throws ConfigException `closed`; `invalid_argument` if the provider signs the url and none
     *   is given
     */
    public suspend fun receive(
        body: ByteArray,
        headers: List<Header>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
    ): Receipt {
        val options = RequestOptions(now ?: Instant.now(), url, method)
        if (orderBy == null) return calling { native.receive(body, headers, options) }
        return calling { native.verify(body, headers, options) }
            .use { received ->
                val key = orderBy(Event(calling { received.event() }))
                calling { native.keep(received, key) }
            }
    }

    /** The same with headers as most frameworks have them. */
    public suspend fun receive(
        body: ByteArray,
        headers: Map<String, Iterable<String>>,
        now: Instant? = null,
        url: String? = null,
        method: String? = null,
    ): Receipt = receive(body, headersOf(headers), now, url, method)

    /** The inbox in numbers. */
    public suspend fun stats(): InboxStats = calling { native.stats().dressed() }

    /** The inbox in numbers, as the text that Prometheus reads. */
    public suspend fun prometheus(): String = calling { native.prometheus() }

    /**
     * The notices that nobody has acknowledged, and then those to come; each is acknowledged when
     * the collector has dealt with it. Ends when the inbox is closed.
     */
    public fun notices(): Flow<EventNotice> = noticesOf(native)

    /** Begins to handle, in the background; more calls change nothing. */
    public suspend fun start(): Unit = calling { native.start() }

    /**
     * Waits until no event is pending; false if that takes longer than [timeout]. With retries
     * ahead, it can take days.
     */
    public suspend fun waitIdle(timeout: Duration? = null): Boolean = calling {
        native.waitIdle(timeout, null)
    }

    /**
     * Stops: nothing more is received, and handlers that run get ten seconds to end; then they are
     * canceled. What was not handled is when the store is opened again. More calls wait for the
     * first.
     *
     * @throws StoreException
     */
    public suspend fun shutdown() {
        try {
            calling { native.shutdown() }
        } finally {
            handlers.cancel()
        }
    }

    /** As [shutdown], and waits for it on this thread. */
    override fun close(): Unit = runBlocking { shutdown() }

    override fun toString(): String = "Inbox(${webhook.provider})"
}

/**
 * An event that is stored: its id, or `sha256:` and the hash of the body where the provider gives
 * none; and whether it was received before.
 */
public typealias Receipt = dev.hookseal.ffi.Receipt
