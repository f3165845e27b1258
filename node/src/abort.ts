import { kindOf } from './check.js'
import { invalidArgument } from './errors.js'
import native = require('./native.js')

/** @internal */
export function optionalSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw invalidArgument(`signal must be an AbortSignal, not ${kindOf(signal)}.`)
}

/**
 * @internal The work, or the signal's reason as soon as it is aborted. `left` is what nobody knows then; it is
 * said where the reason is the platform's own, and not one that the caller made.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  work: (cancellation?: native.Cancellation) => Promise<T>,
  left?: string,
): Promise<T> {
  if (signal === undefined) return work()
  signal.throwIfAborted()
  const cancellation = new native.Cancellation()
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancellation.cancel()
      reject(reasonOf(signal, left))
    }
    signal.addEventListener('abort', abort, { once: true })
    const settled = () => signal.removeEventListener('abort', abort)
    work(cancellation).finally(settled).then(resolve, reject)
  })
}

function reasonOf({ reason }: AbortSignal, left: string | undefined): unknown {
  if (left === undefined || !(reason instanceof DOMException)) return reason
  return new DOMException(`${reason.message}; ${left}`, { name: reason.name, cause: reason })
}
