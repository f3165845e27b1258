import { types } from 'node:util'

import { kindOf } from './check.js'
import { invalidArgument } from './errors.js'

/**
 * The raw body of a request. A string is hashed as its UTF-8 bytes; a lone surrogate in it becomes U+FFFD,
 * as everywhere in JavaScript. Pass the bytes as they came wherever you have them.
 */
export type Body = Uint8Array | ArrayBuffer | string

/** @internal The bytes of a body: the same, not a copy, unless another thread could change them meanwhile. */
export function bytes(body: unknown): Uint8Array {
  // `types` knows the values of every realm; `instanceof` fails across test runners' and `vm` contexts.
  if (types.isUint8Array(body)) return types.isSharedArrayBuffer(body.buffer) ? Uint8Array.from(body) : body
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  if (types.isAnyArrayBuffer(body)) return bytes(new Uint8Array(body))
  if (ArrayBuffer.isView(body)) return bytes(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  throw invalidArgument(
    `The body must be a Uint8Array, an ArrayBuffer or a string, not ${kindOf(body)}: pass the raw request body, ` +
      'before any JSON parsing (in Express `express.raw({ type: "*/*" })` on the route, ' +
      'in fetch handlers `await request.arrayBuffer()`).',
  )
}
