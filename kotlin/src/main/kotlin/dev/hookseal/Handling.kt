package dev.hookseal

import dev.hookseal.ffi.EventHandler
import dev.hookseal.ffi.HandlerFailure
import dev.hookseal.ffi.Handling as Native
import java.time.Duration
import java.time.Instant
import java.util.logging.Level
import java.util.logging.Logger
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withTimeout

/** Which try of an event this is. */
public class Handling internal constructor(native: Native) {
    /** Which try, from 1; it begins anew where somebody asked for another one by hand. */
    public val number: Int = native.number.toInt()

    /**
     * The same for every try of this event, and another for every other event: for what the handler
     * does elsewhere.
     */
    public val idempotencyKey: String = native.idempotencyKey

    /** When the event was received first. */
    public val receivedAt: Instant = native.receivedAt

    override fun toString(): String = "Handling($number of $idempotencyKey)"
}

/**
 * Thrown by a handler: the event is to be tried again after this time. The policy says how often.
 */
public class RetryIn
@JvmOverloads
constructor(
    public val delay: Duration,
    override val message: String = "The handler asked for another try in ${delay.toSeconds()} s.",
) : Exception(message) {
    init {
        require(!delay.isNegative) { "The delay lies in the future." }
    }
}

/** Thrown by a handler: the event is not to be handled, and ends as discarded. */
public class Discard(override val message: String) : Exception(message)

/** Runs a handler until its time is over, or the scope is canceled. */
internal class Runner(
    private val scope: CoroutineScope,
    timeout: Duration,
    private val handler: suspend (Event, Handling) -> Unit,
) : EventHandler {
    private val limit = timeout.toMillis() + MARGIN

    override suspend fun handle(handling: Native) {
        val event = Event(handling.event)
        val running = scope.async { withTimeout(limit) { handler(event, Handling(handling)) } }
        try {
            running.await()
        } catch (error: RetryIn) {
            throw HandlerFailure.RetryIn(error.delay, error.message)
        } catch (error: Discard) {
            throw HandlerFailure.Discard(error.message)
        } catch (error: Throwable) {
            if (error is CancellationException) {
                running.cancel(error)
                currentCoroutineContext().ensureActive()
            }
            val what = "The handler of ${event.type} ${event.id} failed in try ${handling.number}."
            log.log(Level.WARNING, what, error)
            throw HandlerFailure.Failed(error.toString())
        }
    }

    private companion object {
        /**
         * In milliseconds: the core has recorded the timeout by then, so that it is known as one.
         */
        const val MARGIN = 100L
        val log: Logger = Logger.getLogger("hookseal")
    }
}
