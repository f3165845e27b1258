// Mostly for the compiler: it knows an event's data by the event's type, and says what is wrong.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import { type Event, Provider, Webhook } from 'hookseal'
import type { webkasa } from 'hookseal/events'
import { verified as express } from 'hookseal/express'
import { verified as web } from 'hookseal/web'

import type * as acme from './acme.js'

const secret = 'k'.repeat(32)
const webhook = new Webhook(secret, { provider: 'webkasa' })

/** Holds if both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function is<_ extends true>(): void {}

function example(type: string): webkasa.Event {
  const { body } = Provider.builtin('webkasa').example(type)
  return webhook.verify(body, webhook.sign(body))
}

test('the type of an event tells its data', () => {
  const event = example('booking.created')
  if (event.type === 'booking.created') {
    is<Same<typeof event.data, webkasa.BookingCreated>>()
    assert.equal(event.data.attendee_email, 'john@example.com')
    // @ts-expect-error: there is no such member
    event.data.attendee_mail
  } else {
    assert.fail()
  }
  // @ts-expect-error: there is no such type
  assert.ok(event.type !== 'booking.craeted')
  const unknown = example('booking.confirmed')
  // @ts-expect-error: not before its type is known
  assert.ok(unknown.data.attendee_email)
})

test('in a switch too, and whatever is not listed stays possible', () => {
  const seen: string[] = []
  const see = (event: webkasa.Event) => {
    switch (event.type) {
      case 'booking.created':
        is<Same<typeof event.data, webkasa.BookingCreated>>()
        seen.push(event.data.id)
        break
      case 'booking.cancelled':
        is<Same<typeof event.data.cancellation_reason, string | undefined>>()
        seen.push(event.data.cancellation_reason ?? 'no reason')
        break
      case 'booking.confirmed':
      case 'booking.completed':
        is<Same<typeof event.data, webkasa.BookingConfirmed | webkasa.BookingCompleted>>()
        break
      case 'event.created':
      case 'event.updated':
      case 'event.cancelled':
      case 'registration.created':
      case 'registration.cancelled':
        break
      default: {
        is<Same<typeof event.data, unknown>>()
        const type: string | undefined = event.type
        seen.push(type ?? 'none')
      }
    }
  }
  see(example('booking.created'))
  see(example('booking.cancelled'))
  const body = Buffer.from('{"type":"booking.moved","data":1}')
  see(webhook.verify(body, webhook.sign(body)))
  assert.deepEqual(seen, ['bk_xyz789', 'Travelling that day', 'booking.moved'])
})

test('handlers of adapters know it', () => {
  web(webhook, (event) => {
    if (event.type === 'booking.created') is<Same<typeof event.data, webkasa.BookingCreated>>()
    // @ts-expect-error: there is no such type
    if (event.type === 'booking.craeted') return new Response()
    return new Response(event.id)
  })
  express(webhook, (event, _request, response) => {
    if (event.type === 'booking.created') response.json(event.data.attendee_email)
  })
})

test('other providers have events of any type, and data may be asserted', () => {
  const body = '{"data":{"a":1}}'
  const standard = new Webhook(secret)
  const anything = () => standard.verify(body, {})
  is<Same<ReturnType<typeof anything>, Event>>()
  const stripe = () => new Webhook(secret, { provider: 'stripe' }).verify(body, {})
  is<Same<ReturnType<typeof stripe>, Event>>()
  const own = () => new Webhook(secret, { provider: Provider.builtin('webkasa') }).verify(body, {})
  is<Same<ReturnType<typeof own>, Event>>()
  const asserted = webhook.verify<{ a: number }>(body, webhook.sign(body))
  is<Same<typeof asserted, Event<{ a: number }>>>()
  const all: Webhook[] = [webhook, standard]
  const some: Event = webhook.verify(body, webhook.sign(body))
  assert.equal(all.length, 2)
  assert.deepEqual(some.data, asserted.data)
})

test('the events of a file of your own are given as a type', () => {
  const provider = Provider.load(join(dirname(__dirname), '../tests/typegen/acme.toml'))
  const webhook = new Webhook<acme.Event>(secret, { provider })
  const { body } = provider.example('order.paid')
  const event = webhook.verify(body, webhook.sign(body))
  assert.equal(event.type, 'order.paid')
  if (event.type !== 'order.paid') return
  is<Same<typeof event.data.status, 'paid' | 'PART_PAID' | 'it\'s "odd"' | 'other'>>()
  is<Same<(typeof event.data.items)[0]['kind'], 'book' | 'pen' | null>>()
  is<Same<typeof event.data.matrix, (number | null)[][]>>()
  is<Same<typeof event.data.buyer.email, string | null | undefined>>()
  assert.equal(event.data['first-name'], 'Ada')
})

test('the command makes the types of a file', () => {
  const root = dirname(__dirname)
  const command = join(
    root,
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).bin['hookseal-typegen'],
  )
  const made = execFileSync(process.execPath, [command, join(root, '../tests/typegen/acme.toml')], {
    encoding: 'utf8',
  })
  assert.equal(made, readFileSync(join(root, 'test/acme.ts'), 'utf8'))
  const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' })
  assert.equal(run().status, 2)
  const missing = run('no-such.toml')
  assert.equal(missing.status, 1)
  assert.match(missing.stderr, /^no-such\.toml: .*\n$/)
})
