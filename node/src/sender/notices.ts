import { kindOf } from '../check.js'
import { HooksealError, invalidArgument } from '../errors.js'
import native = require('../native.js')
import { answered, awaited } from './answer.js'

/** What the owner of an endpoint is told. */
export type NoticeKind = 'endpoint.disabled' | 'endpoint.failing' | 'delivery.failed' | 'delivery.recovered'

/** Something the owner of an endpoint must be told. */
export interface Notice {
  /** Its place in the order of all notices. */
  seq: number
  kind: NoticeKind
  /** The endpoint's id. */
  endpoint: number
  /** The id of the delivery that caused it. */
  delivery: number
  /** The endpoint's failures in a row at that moment. */
  failures: number
  createdAt: Date
}

/** May be async. */
export type NoticeCallback = (notice: Notice) => unknown

/** @internal The notices one after the other; each is acknowledged when the next one is asked for. */
export async function* reading(
  reader: native.Notices,
  signal: AbortSignal | undefined,
): AsyncGenerator<Notice, void, undefined> {
  try {
    for (;;) {
      const notice = await awaited(signal, (canceled) => reader.next(canceled))
      yield dated(notice)
      await answered(() => reader.ack())
    }
  } catch (error) {
    if (!isClosed(error)) throw error
  }
}

/** @internal Calls back. The waiting for notices does not keep the process alive. */
export class Listeners {
  readonly #reader: native.Notices
  readonly #callbacks = new Map<NoticeKind, NoticeCallback[]>(KINDS.map((kind) => [kind, []]))
  /** A notice that was not dealt with yet. */
  #next: native.Notice | undefined

  constructor(reader: native.Notices) {
    this.#reader = reader
    this.#wait(PAUSE)
  }

  add(kind: NoticeKind, callback: NoticeCallback): void {
    const callbacks = this.#callbacks.get(kind)
    if (callbacks === undefined) throw invalidArgument(`The kinds of notices are ${KINDS.join(', ')}.`)
    if (typeof callback !== 'function') {
      throw invalidArgument(`The callback must be a function, not ${kindOf(callback)}.`)
    }
    callbacks.push(callback)
  }

  #wait(pause: number): void {
    this.#reader.whenReady((isOpen) => void (isOpen && this.#read(pause)))
  }

  /** Reads until there is no more for now; a notice whose callback fails comes again, each time after a longer pause. */
  async #read(pause: number): Promise<void> {
    try {
      while (await this.#tell()) pause = PAUSE
      this.#wait(PAUSE)
    } catch (error) {
      if (isClosed(error)) return
      process.emitWarning(error instanceof Error ? error : new Error(String(error)))
      setTimeout(() => void this.#read(Math.min(2 * pause, LONGEST_PAUSE)), pause).unref()
    }
  }

  async #tell(): Promise<boolean> {
    this.#next ??= (await answered(() => this.#reader.tryNext())) ?? undefined
    if (this.#next === undefined) return false
    const notice = dated(this.#next)
    for (const callback of this.#callbacks.get(notice.kind) ?? []) await callback(notice)
    await answered(() => this.#reader.ack())
    this.#next = undefined
    return true
  }
}

function dated(notice: native.Notice): Notice {
  return { ...notice, createdAt: new Date(notice.createdAt) }
}

function isClosed(error: unknown): boolean {
  return error instanceof HooksealError && error.code === 'closed'
}

const KINDS: readonly NoticeKind[] = [
  'endpoint.disabled',
  'endpoint.failing',
  'delivery.failed',
  'delivery.recovered',
]
const PAUSE = 1000
const LONGEST_PAUSE = 60_000
