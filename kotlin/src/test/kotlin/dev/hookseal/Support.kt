package dev.hookseal

import com.google.gson.JsonElement
import com.google.gson.JsonParser
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout

/** The repository; tests run in `kotlin/`. */
internal val root: Path = Path.of("..").toAbsolutePath().normalize()

internal fun json(file: Path): JsonElement = JsonParser.parseString(Files.readString(file))

internal const val SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/** What lets a sender talk to the receivers of these tests. */
internal val open = SenderSettings(allowHttp = true, allowPrivate = AllowPrivate.All)

/** A store in a new folder. */
internal fun store(): String = "sqlite:" + Files.createTempDirectory("hookseal").resolve("hooks.db")

internal class Received(val headers: Map<String, List<String>>, val body: ByteArray) {
    val id: String
        get() = headers.getValue("Webhook-id").single()
}

/**
 * A real server on this machine that keeps what it gets; the answer's status may depend on how many
 * came before.
 */
internal class Receiver(private val answer: (number: Int) -> Int = { 200 }) : AutoCloseable {
    val received = ConcurrentLinkedQueue<Received>()
    private val threads =
        Executors.newCachedThreadPool { task -> Thread(task).apply { isDaemon = true } }
    private val server =
        HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    val url: String
        get() = "http://127.0.0.1:${server.address.port}/hook"

    init {
        server.executor = threads
        server.createContext("/") { exchange ->
            val body = exchange.requestBody.readAllBytes()
            val number =
                synchronized(received) {
                    received.add(Received(exchange.requestHeaders.toMap(), body))
                    received.size
                }
            val status = answer(number)
            exchange.responseHeaders.add("X-Answer", "yes")
            exchange.responseHeaders.add("Location", url)
            val said = "said $status".toByteArray()
            exchange.sendResponseHeaders(status, said.size.toLong())
            exchange.responseBody.use { it.write(said) }
        }
        server.start()
    }

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }
}

/** The limit is far above what a busy machine takes. */
internal suspend fun until(what: String, holds: suspend () -> Boolean) {
    try {
        withTimeout(60_000) { while (!holds()) delay(10) }
    } catch (_: kotlinx.coroutines.TimeoutCancellationException) {
        throw AssertionError("not in a minute: $what")
    }
}
