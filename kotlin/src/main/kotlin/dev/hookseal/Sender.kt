package dev.hookseal

import dev.hookseal.ffi.Sender as Native
import dev.hookseal.ffi.TestTarget
import java.io.OutputStream
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.runBlocking

/**
 * Sends events durably: what [send] returned for is delivered, whatever happens to the process.
 * Several processes may open one file; all of them may send, and of those that were
 * [started][start] one delivers.
 *
 * A coroutine that is canceled stops waiting and takes nothing back: an event whose [send] was
 * canceled may have been stored, and is delivered then. Give it an id, and send it with that again.
 *
 * @param url `sqlite:path`, or `memory:` for one that forgets
 * @param key seals the secrets and headers of endpoints in the file
 * @param transport makes the requests instead of Hookseal's own client
 * @throws ConfigException `invalid_argument`; `invalid_secret` if the key is not the store's
 * @throws StoreException for a file that is locked, damaged, not writable or another program's
 */
public class Sender(
    url: String,
    public val provider: Provider = Provider.builtin("standard"),
    key: Secret? = null,
    settings: SenderSettings = SenderSettings(),
    transport: Transport? = null,
) : AutoCloseable {
    private val native: Native = calling {
        Native.open(url, provider.native, key?.native, settings.native(), transport?.let(::Carrier))
    }

    /** Who gets events. */
    public val endpoints: Endpoints = Endpoints(native)

    /** The log, and delivering once more. */
    public val deliveries: Deliveries = Deliveries(native)

    /** What was sent. */
    public val messages: Messages = Messages(native)

    /** A sender of a built-in provider's events. */
    public constructor(
        url: String,
        provider: String,
        key: Secret? = null,
        settings: SenderSettings = SenderSettings(),
        transport: Transport? = null,
    ) : this(url, Provider.builtin(provider), key, settings, transport)

    /**
     * Stores an event for every active endpoint that wants it; it is durable when this returns.
     * [data] is JSON.
     *
     * @param id a random one if null. The same id again is the first message again, with
     *   `duplicate`
     * @throws ConfigException `conflict` if there is a message of this id with another type or
     *   data; `payload_too_large`, `unknown_event_type`, `invalid_argument`, `closed`
     * @throws StoreException
     */
    public suspend fun send(
        type: String,
        data: String,
        id: String? = null,
        tenant: String? = null,
        timestamp: Instant? = null,
    ): Message = calling {
        native.send(NewMessage(type, data, id, tenant, timestamp).native()).dressed()
    }

    /** Stores many events in few commits. Each has a result of its own, in the same order. */
    public suspend fun sendMany(messages: List<NewMessage>): List<Result<Message>> =
        calling { native.sendMany(messages.map { it.native() }) }.map { it.dressed() }

    /**
     * Sends a test to this endpoint now, once: the catalog's example, or [data]. Tests are logged,
     * and count for nothing else.
     *
     * @throws ConfigException `not_found`; `invalid_argument` if the catalog has no example and
     *   there is no data
     */
    public suspend fun sendTest(
        endpoint: Long,
        type: String? = null,
        data: String? = null,
    ): TestResult = test(TestTarget.Endpoint(endpoint), type, data).single()

    /**
     * Sends a test to every active endpoint that wants this type of event.
     *
     * @throws ConfigException as above
     */
    public suspend fun sendTests(
        type: String,
        tenant: String? = null,
        data: String? = null,
    ): List<TestResult> = test(TestTarget.EventType(type, tenant), null, data)

    /**
     * The catalog's example of a type of event. Nothing is stored or sent.
     *
     * @throws ConfigException `invalid_argument` if the catalog has none
     */
    public fun example(type: String): Event = Event(calling { native.example(type) })

    /** What successful deliveries cost from [since] until before [until]. */
    public suspend fun usage(
        tenant: String? = null,
        since: Instant = Instant.EPOCH,
        until: Instant = END_OF_TIME,
    ): Usage = calling { native.usage(tenant, since, until).dressed() }

    /** The sender in numbers. */
    public suspend fun stats(): Stats = calling { native.stats().dressed() }

    /** The sender in numbers, as the text that Prometheus reads. */
    public suspend fun prometheus(): String = calling { native.prometheus() }

    /**
     * Writes deliveries with their attempts as JSON lines, newest first, and tells how many. The
     * stream is not closed.
     *
     * @throws java.io.IOException if the stream cannot be written
     */
    public suspend fun export(to: OutputStream, filter: DeliveryFilter = DeliveryFilter()): Long =
        calling {
            exported(native.export(filter.native()), to)
        }

    /**
     * The notices that nobody has acknowledged, and then those to come; each is acknowledged when
     * the collector has dealt with it. Ends when the sender is closed.
     */
    public fun notices(): Flow<Notice> = noticesOf(native)

    /** Begins to deliver, in the background; more calls change nothing. */
    public suspend fun start(): Unit = calling { native.start() }

    /**
     * Waits until no delivery is pending; false if that takes longer than [timeout]. With retries
     * ahead, it can take days.
     */
    public suspend fun waitIdle(timeout: Duration? = null): Boolean = calling {
        native.waitIdle(timeout, null)
    }

    /**
     * Stops: sends are refused, and requests on their way get ten seconds to end. What was not
     * delivered is when the store is opened again. More calls wait for the first.
     *
     * @throws StoreException
     */
    public suspend fun shutdown(): Unit = calling { native.shutdown() }

    /** As [shutdown], and waits for it on this thread. */
    override fun close(): Unit = runBlocking { shutdown() }

    override fun toString(): String = "Sender($provider)"

    private suspend fun test(target: TestTarget, type: String?, data: String?): List<TestResult> =
        calling { native.sendTest(target, type, data, null) }.map { it.dressed() }

    private companion object {
        val END_OF_TIME: Instant = Instant.parse("9999-12-31T23:59:59Z")
    }
}
