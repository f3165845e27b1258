package dev.hookseal

import java.io.FileOutputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * A process that receives for ever and prints each id when `receive` has returned, and that writes
 * each event that it has handled, durably, to a file.
 */
internal fun main(arguments: Array<String>) =
    runBlocking(Dispatchers.Default) {
        val (url, handled, name) = arguments
        val webhook = Webhook(SECRET)
        val inbox = Inbox(url, webhook)
        val file = FileOutputStream(handled, true)
        inbox.on("*") { event, _ ->
            delay(2)
            synchronized(file) {
                file.write("${event.id}\n".toByteArray())
                file.fd.sync()
            }
        }
        inbox.start()
        repeat(4) { worker ->
            launch {
                var number = 0
                while (true) {
                    val body = """{"type": "a.b", "data": {}}""".toByteArray()
                    val headers = webhook.sign(body, id = "evt_${name}_${worker}_${number++}")
                    val receipt = inbox.receive(body, headers)
                    synchronized(System.out) {
                        println("${receipt.id};")
                        System.out.flush()
                    }
                }
            }
        }
    }
