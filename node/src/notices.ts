import { kindOf } from './check.js'
import { HooksealError, invalidArgument } from './errors.js'
import native = require('./native.js')
import { answered, awaited } from './sender/answer.js'

/** @internal A reader of the addon. */
export interface Reader<Row> {
  next(cancellation?: native.Cancellation): Promise<Row | native.Failure>
  tryNext(): Promise<Row | null | native.Failure>
  whenReady(ready: (isOpen: boolean) => void): void
  ack(): Promise<undefined | native.Failure>
}

/** @internal The notices one after the other; each is acknowledged when the next one is asked for. */
export async function* reading<Row, Notice>(
  reader: Reader<Row>,
  dressed: (row: Row) => Notice,
  signal: AbortSignal | undefined,
): AsyncGenerator<Notice, void, undefined> {
  try {
    for (;;) {
      const notice = await awaited(signal, (canceled) => reader.next(canceled))
      yield dressed(notice)
      await answered(() => reader.ack())
    }
  } catch (error) {
    if (!isClosed(error)) throw error
  }
}

/** @internal Calls back. The waiting for notices does not keep the process alive. */
export class Listeners<Row extends { kind: string }, Notice> {
  readonly #reader: Reader<Row>
  readonly #dressed: (row: Row) => Notice
  readonly #kinds: readonly string[]
  readonly #callbacks = new Map<string, ((notice: Notice) => unknown)[]>()
  /** A notice that was not dealt with yet. */
  #next: Row | undefined

  constructor(reader: Reader<Row>, dressed: (row: Row) => Notice, kinds: readonly Row['kind'][]) {
    this.#reader = reader
    this.#dressed = dressed
    this.#kinds = kinds
    for (const kind of kinds) this.#callbacks.set(kind, [])
    this.#wait(PAUSE)
  }

  add(kind: Row['kind'], callback: (notice: Notice) => unknown): void {
    const callbacks = this.#callbacks.get(kind)
    if (callbacks === undefined) throw invalidArgument(`The kinds of notices are ${this.#kinds.join(', ')}.`)
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
    const notice = this.#dressed(this.#next)
    for (const callback of this.#callbacks.get(this.#next.kind) ?? []) await callback(notice)
    await answered(() => this.#reader.ack())
    this.#next = undefined
    return true
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof HooksealError && error.code === 'closed'
}

const PAUSE = 1000
const LONGEST_PAUSE = 60_000
