// The vectors that every language runs: tests/vectors, through the public API.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { Event, HooksealError, Provider, type RequestHeaders, Secret, Webhook } from 'hookseal'

interface Case {
  name: string
  secrets: string[]
  headers: [string, string][]
  body?: string
  body_base64?: string
  method?: string
  url: string | null
  now: number | null
  expect: string
  event?: { id?: string | null; type?: string | null; timestamp?: number | null }
  key_index?: number
  sign?: { id?: string; timestamp?: number; type?: string; url?: string; method?: string }
}

const folder = join(__dirname, '../../tests/vectors')

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const { provider, toml, cases } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    provider: string
    toml?: string
    cases?: Case[]
  }
  if (cases === undefined) continue
  test(file, () => {
    assert.ok(cases.length > 0)
    const used = toml === undefined ? Provider.builtin(provider) : Provider.fromToml(toml)
    for (const vector of cases) {
      for (const [form, headers] of Object.entries(forms(vector.headers))) {
        assert.equal(verify(used, vector, headers), vector.expect, `${vector.name}, headers as ${form}`)
      }
      if (vector.sign !== undefined) sign(used, vector)
    }
  })
}

function verify(provider: Provider, vector: Case, headers: RequestHeaders): string {
  let event: Event
  try {
    const webhook = webhookOf(provider, vector)
    event = webhook.verify(bodyOf(vector), headers, {
      now: vector.now ?? undefined,
      url: vector.url ?? undefined,
      method: vector.method,
    })
  } catch (error) {
    assert.ok(error instanceof HooksealError, `${vector.name}: ${error}`)
    return error.code
  }
  check(event, vector)
  return 'valid'
}

function check(event: Event, vector: Case): void {
  const { id, type, timestamp } = vector.event ?? {}
  if (id !== undefined) assert.equal(event.id, id ?? undefined, vector.name)
  if (type !== undefined) assert.equal(event.type, type ?? undefined, vector.name)
  if (timestamp !== undefined) assert.equal(event.timestamp?.getTime(), timestamp ?? undefined, vector.name)
  if (vector.key_index !== undefined) assert.equal(event.keyIndex, vector.key_index, vector.name)
  assert.deepEqual(Buffer.from(event.body), bodyOf(vector))
}

function sign(provider: Provider, vector: Case): void {
  const signed = webhookOf(provider, vector).sign(bodyOf(vector), vector.sign)
  const expected = vector.headers.map(([name, value]) => [name.toLowerCase(), value])
  assert.deepEqual(signed, Object.fromEntries(expected), vector.name)
}

function webhookOf(provider: Provider, { secrets }: Case): Webhook {
  return new Webhook(
    secrets.map((secret) => new Secret(secret)),
    { provider },
  )
}

function bodyOf({ body, body_base64 }: Case): Buffer {
  return body_base64 === undefined ? Buffer.from(body!) : Buffer.from(body_base64, 'base64')
}

/** The same headers in the forms that frameworks have them in, with each byte a character, as Node shows them. */
function forms(lines: [string, string][]): Record<string, RequestHeaders> {
  const shown = lines.map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')])
  const byName: Record<string, string[]> = {}
  for (const [name, value] of shown) (byName[lower(name)] ??= []).push(value)
  const all: Record<string, RequestHeaders> = {
    pairs: shown,
    rawHeaders: shown.flat(),
    object: byName,
    map: mapOf(byName),
  }
  const single = Object.values(byName).every((values) => values.length === 1)
  if (single) all['object of strings'] = Object.fromEntries(shown)
  // What fetch refuses to hold cannot come from it.
  if (single && shown.every(([name, value]) => isName(name) && isLegal(value)))
    all['Headers'] = new Headers(shown)
  return all
}

function mapOf(byName: Record<string, string[]>): Map<string, string[]> {
  return new Map(Object.entries(byName))
}

/** As servers do it: other letters that have an ASCII one below them stay what they are. */
function lower(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function isName(name: string): boolean {
  return /^[!-~]+$/.test(name)
}

function isLegal(value: string): boolean {
  return !/[\0\r\n]/.test(value)
}
