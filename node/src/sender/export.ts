import { createWriteStream } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { kindOf } from '../check.js'
import { HooksealError, invalidArgument } from '../errors.js'
import native = require('../native.js')
import { answered } from './answer.js'

/** @internal Writes an export to where it shall go, and tells how many lines there were. */
export async function exported(
  log: native.Export | native.EventExport,
  to: unknown,
  signal: AbortSignal | undefined,
): Promise<number> {
  signal?.throwIfAborted()
  const file = typeof to === 'string' || to instanceof URL
  if (!file && !(to instanceof Writable)) {
    throw invalidArgument(`An export goes to a path or a Writable, not to ${kindOf(to)}.`)
  }
  const counting = answered(() => log.run())
  // Whoever gave a stream may have more to write to it.
  const writing = pipeline(Readable.from(chunks(log)), file ? createWriteStream(to) : to, {
    end: file,
    signal,
  })
  const [written, counted] = await Promise.allSettled([writing, counting])
  if (signal?.aborted) throw signal.reason
  if (written.status === 'rejected') throw file ? unwritable(written.reason) : written.reason
  if (counted.status === 'rejected') throw counted.reason
  return counted.value
}

async function* chunks(log: native.Export | native.EventExport): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (;;) {
      const chunk = await answered(() => log.chunk())
      if (chunk === null) return
      yield chunk
    }
  } finally {
    await answered(() => log.end())
  }
}

function unwritable(error: unknown): unknown {
  if (error instanceof HooksealError) return error
  return invalidArgument(`The log could not be written: ${error instanceof Error ? error.message : error}.`)
}
