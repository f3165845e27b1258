package dev.hookseal

import dev.hookseal.ffi.Export as Native
import java.io.OutputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext

/** Reads chunk by chunk: the log may be larger than the memory. */
internal suspend fun exported(export: Native, to: OutputStream): Long =
    export.use {
        coroutineScope {
            val count = async { export.run() }
            try {
                while (true) {
                    val chunk = export.chunk(null) ?: break
                    withContext(Dispatchers.IO) { to.write(chunk) }
                }
            } finally {
                withContext(NonCancellable) { export.end() }
            }
            count.await().toLong()
        }
    }
