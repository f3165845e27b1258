package dev.hookseal

import dev.hookseal.ffi.EventExport
import dev.hookseal.ffi.Export
import java.io.OutputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext

/** Reads chunk by chunk: the log may be larger than the memory. */
internal suspend fun exported(export: Export, to: OutputStream): Long =
    export.use { written(to, export::run, { export.chunk(null) }, export::end) }

internal suspend fun exported(export: EventExport, to: OutputStream): Long =
    export.use { written(to, export::run, { export.chunk(null) }, export::end) }

private suspend fun written(
    to: OutputStream,
    run: suspend () -> ULong,
    next: suspend () -> ByteArray?,
    end: suspend () -> Unit,
): Long = coroutineScope {
    val count = async { run() }
    try {
        while (true) {
            val chunk = next() ?: break
            withContext(Dispatchers.IO) { to.write(chunk) }
        }
    } finally {
        withContext(NonCancellable) { end() }
    }
    count.await().toLong()
}
