package dev.hookseal

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** A process that sends for ever, and prints each id when `send` has returned. */
internal fun main(arguments: Array<String>) =
    runBlocking(Dispatchers.Default) {
        val sender =
            Sender(
                arguments[0],
                "standard",
                settings = open.copy(concurrency = SenderProcessTest.CONCURRENCY),
            )
        sender.start()
        repeat(4) {
            launch {
                var number = 0
                while (true) {
                    val message = sender.send("a.b", """{"by":$it,"number":${number++}}""")
                    synchronized(System.out) {
                        println(message.id)
                        System.out.flush()
                    }
                }
            }
        }
    }
