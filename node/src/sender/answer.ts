import { kindOf } from '../check.js'
import { calling, dressed, invalidArgument } from '../errors.js'
import native = require('../native.js')

/** @internal What a promise of the addon gives; it resolves to failures too, for N-API would drop their codes. */
export async function answered<T>(call: () => Promise<T | native.Failure>): Promise<T> {
  const answer = await calling(call)
  if (isFailure(answer)) throw dressed(answer)
  return answer
}

/** @internal The same for something that waits, until the signal is aborted. */
export async function waited<T>(
  signal: AbortSignal | undefined,
  call: (stop: native.Stop) => Promise<T | native.Failure>,
): Promise<T> {
  const stop = new native.Stop()
  if (signal === undefined) return answered(() => call(stop))
  signal.throwIfAborted()
  const abort = () => stop.stop()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await answered(() => call(stop))
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** @internal */
export function optionalSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw invalidArgument(`signal must be an AbortSignal, not ${kindOf(signal)}.`)
}

/** @internal */
export function isFailure(answer: unknown): answer is native.Failure {
  return typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer
}
