import { kindOf } from './check.js'
import { invalidArgument } from './errors.js'

/**
 * Request headers in any form a framework has them: Node's `request.headers`, fetch `Headers`, a `Map`, an
 * array of pairs, or Node's `request.rawHeaders`. Names may be in any case.
 */
export type RequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string | readonly string[] | undefined]>
  | readonly string[]

/** @internal What a request has under one name: nothing, a line, or several. */
export type HeaderValues = string | string[] | undefined

/** @internal Picks the headers that a webhook reads out of all those of a request, every line of them. */
export class HeaderReader {
  readonly #count: number
  /** Which names have this length, and their places. Most headers of a request fail at the first look. */
  readonly #byLength: { name: string; place: number }[][] = []

  /** `names` are in lower case. */
  constructor(names: readonly string[]) {
    this.#count = names.length
    names.forEach((name, place) => (this.#byLength[name.length] ??= []).push({ name, place }))
  }

  /** The values, in the order of the names. */
  read(headers: unknown): HeaderValues[] {
    if (typeof headers !== 'object' || headers === null) throw refused(headers)
    const found: HeaderValues[] = new Array(this.#count).fill(undefined)
    if (Symbol.iterator in headers) this.#readIterable(headers as Iterable<unknown>, found)
    else if (isRequest(headers)) throw refused(headers)
    else this.#readObject(headers as Record<string, unknown>, found)
    return found
  }

  #readObject(headers: Record<string, unknown>, found: HeaderValues[]): void {
    for (const name in headers) {
      const place = this.#place(name)
      if (place >= 0 && Object.hasOwn(headers, name)) add(found, place, headers[name], name)
    }
  }

  #readIterable(headers: Iterable<unknown>, found: HeaderValues[]): void {
    if (headers instanceof Headers) return this.#readFetch(headers, found)
    if (Array.isArray(headers) && typeof headers[0] === 'string') return this.#readRaw(headers, found)
    for (const pair of headers) {
      if (!Array.isArray(pair)) throw refused(headers)
      const place = this.#place(pair[0])
      if (place >= 0) add(found, place, pair[1], pair[0])
    }
  }

  /** By name: to walk over fetch `Headers` sorts all of them first. */
  #readFetch(headers: Headers, found: HeaderValues[]): void {
    for (const { name, place } of this.#byLength.flat()) add(found, place, headers.get(name), name)
  }

  #readRaw(headers: readonly unknown[], found: HeaderValues[]): void {
    for (let at = 0; at < headers.length; at += 2) {
      const place = this.#place(headers[at])
      if (place >= 0) add(found, place, headers[at + 1], headers[at] as string)
    }
  }

  /** Where the values of this header go; -1 if nobody asked for them. */
  #place(name: unknown): number {
    if (typeof name !== 'string')
      throw invalidArgument(`A header's name must be a string, not ${kindOf(name)}.`)
    const wanted = this.#byLength[name.length]
    if (wanted === undefined) return -1
    for (const { name: known, place } of wanted) {
      if (name === known || (name.toLowerCase() === known && !name.includes(KELVIN))) return place
    }
    return -1
  }
}

/** @internal Every line of a request: name, value, name, value. What is no header at all is passed over. */
export function allLines(headers: unknown): string[] {
  if (
    typeof headers !== 'object' ||
    headers === null ||
    (!(Symbol.iterator in headers) && isRequest(headers))
  ) {
    throw refused(headers)
  }
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    return headers.slice(0, headers.length - (headers.length % 2)).map(String)
  }
  const pairs: Iterable<unknown> =
    Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers)
  const lines: string[] = []
  for (const pair of pairs) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') continue
    for (const value of [pair[1]].flat()) if (typeof value === 'string') lines.push(pair[0], value)
  }
  return lines
}

/** @internal All headers by their names in lower case, the values of several lines joined. */
export function plainHeaders(headers: RequestHeaders): Record<string, string> {
  const lines: Record<string, string> = Object.create(null)
  const put = (name: string, values: HeaderValues) => {
    // Letters of ASCII only: the Kelvin sign is no k.
    const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    for (const value of [values ?? []].flat()) {
      const known = lines[lower]
      lines[lower] = known === undefined ? value : `${known}, ${value}`
    }
  }
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let at = 0; at < headers.length; at += 2) put(headers[at] as string, headers[at + 1] as string)
    return lines
  }
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers)
  for (const [name, value] of pairs as Iterable<[string, HeaderValues]>) put(name, value)
  return lines
}

function add(found: HeaderValues[], place: number, value: unknown, name: string): void {
  const known = found[place]
  if (value === undefined || value === null) return
  if (typeof value === 'string' && known === undefined) found[place] = value
  else if (typeof known === 'object') strings(value, name).forEach((line) => known.push(line))
  else found[place] = known === undefined ? strings(value, name) : [known, ...strings(value, name)]
}

/** A list of our own: one of the caller's must not grow. */
function strings(value: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(value) ? [...value] : [value]
  if (list.every((line) => typeof line === 'string')) return list
  throw invalidArgument(`The header ${name} must be a string, not ${kindOf(value)}.`)
}

/** A whole request where its headers belong: Node's, or any framework's. */
function isRequest(value: object): boolean {
  const { headers } = value as { headers?: unknown }
  return typeof headers === 'object' && headers !== null && !Array.isArray(headers)
}

function refused(given: unknown): Error {
  const hint =
    typeof given === 'object' && given !== null && isRequest(given) ? ': pass `request.headers`' : ''
  return invalidArgument(
    `The headers must be an object, a Headers, a Map or a list of pairs, not ${kindOf(given)}${hint}.`,
  )
}

/** The one foreign character whose lower case is ASCII, of the same length. */
const KELVIN = '\u212a'
