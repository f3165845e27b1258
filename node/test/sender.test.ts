// Sending: stores in files, receivers on this machine.
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { ConfigError, HooksealError, Provider, RetryPolicy, Secret, Sender, Webhook } from 'hookseal'

import { open, receiver, started, until } from './receiver.js'
import { onEachStore, store } from './stores.js'

onEachStore('what was sent is delivered, and the receiver verifies it', async () => {
  const { url, received } = await receiver()
  const sender = await started()
  const endpoint = await sender.endpoints.create(url, { name: 'CRM', events: ['invoice.*'] })
  const at = new Date('2025-01-02T03:04:05.678Z')
  const message = await sender.send('invoice.paid', { amount: 1, note: 'é' }, { id: 'msg_1', timestamp: at })
  assert.deepEqual(
    { ...message, createdAt: undefined, key: 0 },
    {
      key: 0,
      id: 'msg_1',
      type: 'invoice.paid',
      timestamp: at,
      createdAt: undefined,
      duplicate: false,
      deliveries: [1],
    },
  )
  assert.ok(Math.abs(message.createdAt.getTime() - Date.now()) < 10_000)
  await sender.send('other.event', {})
  assert.equal(await sender.waitIdle(), true)
  assert.equal(received.length, 1)
  assert.ok(endpoint.secret instanceof Secret)
  const event = new Webhook(endpoint.secret).verify(received[0]!.body, received[0]!.headers)
  assert.deepEqual([event.id, event.type, event.data], ['msg_1', 'invoice.paid', { amount: 1, note: 'é' }])
})

onEachStore('the same id is the first message again, or a conflict', async () => {
  const { url, received } = await receiver()
  const sender = await started()
  await sender.endpoints.create(url)
  const first = await sender.send('a.b', { x: 1 }, { id: 'one' })
  const again = await sender.send('a.b', { x: 1 }, { id: 'one' })
  assert.deepEqual([again.duplicate, again.key, again.deliveries], [true, first.key, []])
  await assert.rejects(sender.send('a.b', { x: 2 }, { id: 'one' }), {
    constructor: ConfigError,
    code: 'conflict',
  })
  assert.equal((await sender.send('a.b', { x: 2 }, { id: 'one', tenant: 't' })).duplicate, false)
  await sender.waitIdle()
  assert.equal(received.length, 2)
})

onEachStore('many at once, each with a result of its own', async () => {
  const { url, received } = await receiver()
  const sender = await started({ maxBody: 1000 })
  await sender.endpoints.create(url)
  const results = await sender.sendMany([
    { type: 'a', data: 1, id: 'one' },
    { type: 'a', data: 'x'.repeat(2000) },
    { type: 'a', data: 2, id: 'one' },
    { type: 'b', data: null, tenant: 't' },
  ])
  const told = results.map((result) => (result instanceof HooksealError ? result.code : result.type))
  assert.deepEqual(told, ['a', 'payload_too_large', 'conflict', 'b'])
  const hundred = await Promise.all(Array.from({ length: 100 }, (_, n) => sender.send('c', n)))
  assert.equal(new Set(hundred.map(({ id }) => id)).size, 100)
  assert.equal(await sender.waitIdle({ timeout: 20 }), true)
  assert.equal(received.length, 102)
})

onEachStore('what is not delivered yet is when the store is opened again', async () => {
  const url = store()
  const { url: to, received } = await receiver()
  const before = open({}, url)
  await before.endpoints.create(to)
  await before.send('a', {}, { id: 'kept' })
  assert.equal(await before.waitIdle({ timeout: 0.05 }), false)
  await before.close()
  const sender = await started({}, url)
  assert.equal(await sender.waitIdle({ timeout: 20 }), true)
  assert.deepEqual(
    received.map(({ headers }) => headers['webhook-id']),
    ['kept'],
  )
})

onEachStore('a failed delivery is tried again', async () => {
  const { url, received } = await receiver((_, count) => (count < 3 ? 503 : 200))
  const sender = await started()
  await sender.endpoints.create(url, { retry: new RetryPolicy([0.01, 0.01]) })
  const { deliveries } = await sender.send('a', {})
  assert.equal(await sender.waitIdle({ timeout: 20 }), true)
  const delivery = await sender.deliveries.get(deliveries[0]!)
  assert.deepEqual([delivery.status, delivery.attemptCount], ['delivered', 3])
  assert.equal(new Set(received.map(({ body }) => body.toString())).size, 1)
})

onEachStore('events of a tenant go to its endpoints and to those of all', async () => {
  const [ours, theirs, all] = [await receiver(), await receiver(), await receiver()]
  const sender = await started()
  await sender.endpoints.create(ours.url, { tenant: 'us' })
  await sender.endpoints.create(theirs.url, { tenant: 'them' })
  await sender.endpoints.create(all.url)
  await sender.send('a', {}, { tenant: 'us' })
  await sender.waitIdle()
  assert.deepEqual(
    [ours, theirs, all].map(({ received }) => received.length),
    [1, 0, 1],
  )
})

onEachStore('the provider says how it is written, and what it costs', async () => {
  const { url, received } = await receiver()
  const sender = await started({ provider: Provider.builtin('kakiyo') })
  const [type] = Provider.builtin('kakiyo').events.map(({ name }) => name)
  await sender.endpoints.create(url, { tenant: 'team_1', allowHttp: true })
  await sender.send(type!, { a: 1 }, { tenant: 'team_1' })
  await sender.waitIdle()
  const event = JSON.parse(received[0]!.body.toString())
  assert.deepEqual([event.event, event.teamId, event.data], [type, 'team_1', { a: 1 }])
  assert.deepEqual(await sender.usage(), { deliveries: 1, credits: 2 })
  assert.deepEqual(await sender.usage({ tenant: 'other' }), { deliveries: 0, credits: 0 })
  assert.deepEqual(await sender.usage({ until: Date.now() / 1000 - 3600 }), { deliveries: 0, credits: 0 })
  assert.equal(sender.example(type!).type, type)
  assert.equal(received.length, 1)
})

onEachStore('a strict sender knows only the events of its catalog', async () => {
  const sender = open({ provider: 'kagibag', strict: true })
  await assert.rejects(sender.send('no.such', {}), { constructor: ConfigError, code: 'unknown_event_type' })
})

onEachStore('the time to wait is limited, and an abort ends it', async () => {
  const { url } = await receiver(() => new Promise<number>(() => undefined))
  const sender = await started()
  await sender.endpoints.create(url, { timeout: 0.5 })
  await sender.send('a', {})
  assert.equal(await sender.waitIdle({ timeout: 0.1 }), false)
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 50)
  await assert.rejects(sender.waitIdle({ signal: controller.signal }), reason)
  await assert.rejects(sender.waitIdle({ signal: AbortSignal.abort() }), { name: 'AbortError' })
})

onEachStore('an abort ends the waiting for an answer', async () => {
  const sender = await started()
  const { url, received } = await receiver(() => new Promise((resolve) => setTimeout(resolve, 1500, 200)))
  await sender.endpoints.create(url)
  const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
    (signal) => sender.send('a', 1, { id: 'one', signal }),
    (signal) => sender.sendMany([{ type: 'a', data: 1 }], { signal }),
    (signal) => sender.sendTest('a', { data: 1, signal }),
    (signal) => sender.waitIdle({ signal }),
    (signal) => sender.close({ signal }),
  ]
  const reason = new Error('enough')
  for (const call of calls) {
    await assert.rejects(call(AbortSignal.abort(reason)), (error) => error === reason)
    await assert.rejects(call({} as never), { constructor: ConfigError, code: 'invalid_argument' })
  }
  assert.equal((await sender.stats()).sent, 0, 'nothing was stored')
  const left = [
    /may have been stored/,
    /may have been stored/,
    /may have been sent/,
    undefined,
    /goes on closing/,
  ]
  for (const [n, call] of calls.slice(0, 4).entries()) {
    const [one, other] = [new AbortController(), new AbortController()]
    const [byDefault, byReason] = [call(one.signal), call(other.signal)]
    one.abort()
    other.abort(reason)
    await assert.rejects(byReason, (error) => error === reason)
    await assert.rejects(byDefault, (error: DOMException) => {
      assert.equal(error.name, 'AbortError')
      if (left[n] === undefined) assert.equal(error, one.signal.reason)
      else assert.deepEqual([left[n].test(error.message), error.cause], [true, one.signal.reason])
      return true
    })
  }
  const again = await sender.send('a', 1, { id: 'one', signal: new AbortController().signal })
  assert.equal(again.id, 'one')
  await until(() => received.length > 0, 'a request is on its way')
  const closing = AbortSignal.timeout(50)
  await assert.rejects(sender.close({ signal: closing }), { name: 'TimeoutError', message: left[4] })
  await assert.rejects(sender.send('a', 1), { code: 'closed' })
})

onEachStore('a closed sender says so', async () => {
  const sender = await started({}, 'memory:')
  await Promise.all([sender.close(), sender.close()])
  await sender.close()
  for (const call of [
    () => sender.send('a', 1),
    () => sender.start(),
    () => sender.sendTest('a', { data: 1 }),
  ])
    await assert.rejects(call, { constructor: ConfigError, code: 'closed' })
})

onEachStore('a sender is closed at the end of its block', async () => {
  let closed: Sender
  {
    await using sender = open()
    await sender.send('a', 1)
    closed = sender
  }
  await assert.rejects(closed.send('a', 1), { code: 'closed' })
})

onEachStore('a started sender delivers though nobody keeps hold of it', async () => {
  const { url: to, received } = await receiver()
  const url = store()
  const first = new Sender(url, { allowHttp: true, allowPrivate: true })
  await first.endpoints.create(to)
  await first.close()
  await new Sender(url, { allowHttp: true, allowPrivate: true }).start()
  await collected()
  const other = new Sender(url)
  await other.send('a', {})
  await until(() => received.length === 1, 'the other sender delivers')
  await other.close()
})

onEachStore('secrets are sealed by a key, which is asked for again', async () => {
  const url = store()
  const sender = open({ key: 'k'.repeat(32) }, url)
  await sender.endpoints.create('https://example.com/', { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
  await sender.close()
  for (const key of [undefined, 'other'.repeat(8)])
    assert.throws(() => open({ key }, url), { constructor: ConfigError, code: 'invalid_secret' })
  await open({ key: new Secret('k'.repeat(32)) }, url).close()
})

/** Runs the garbage collector and lets it finish. */
async function collected(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  for (let n = 0; n < 3; n++) {
    gc()
    await new Promise(setImmediate)
  }
}
