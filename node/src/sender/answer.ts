import { abortable } from '../abort.js'
import { calling, dressed } from '../errors.js'
import native = require('../native.js')

/** @internal What a promise of the addon gives; it resolves to failures too, for N-API would drop their codes. */
export async function answered<T>(call: () => Promise<T | native.Failure>): Promise<T> {
  const answer = await calling(call)
  if (isFailure(answer)) throw dressed(answer)
  return answer
}

/**
 * @internal The same until the signal is aborted. `left` is what nobody knows then, if the work may have been done
 * all the same.
 */
export function awaited<T>(
  signal: AbortSignal | undefined,
  call: (cancellation?: native.Cancellation) => Promise<T | native.Failure>,
  left?: string,
): Promise<T> {
  return abortable(signal, (cancellation) => answered(() => call(cancellation)), left)
}

/** @internal */
export function isFailure(answer: unknown): answer is native.Failure {
  return typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer
}
