import type { Readable } from 'node:stream'

import { type Receiver, peerLeft } from './receiver.js'

/** @internal Whether somebody has read of this already. */
export function wasRead(stream: Readable): boolean {
  return stream.readableDidRead || stream.readableEnded || stream.destroyed
}

/** @internal Reads a stream to its end, or until it is too large. What is left then is read and dropped. */
export async function readStream(
  receiver: Receiver,
  stream: Readable,
  declared: string | undefined,
): Promise<Uint8Array> {
  const body = receiver.body(declared)
  // Not `for await`: to leave that destroys the stream, and with it the connection that the answer is for.
  return await new Promise((resolve, reject) => {
    const settle = (settled: () => void) => {
      stream.off('data', add).off('end', end).off('error', left).off('close', left)
      stream.on('error', () => {})
      stream.resume()
      settled()
    }
    const add = (chunk: unknown) => {
      try {
        body.add(chunk)
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const end = () => settle(() => resolve(body.end()))
    const left = () => settle(() => reject(peerLeft()))
    stream.on('data', add).on('end', end).on('error', left).on('close', left)
  })
}
