// Endpoints of a sender.
import assert from 'node:assert/strict'

import { ConfigError, DeliveryError, RetryPolicy, Secret, Webhook } from 'hookseal'

import { open, receiver, started } from './receiver.js'
import { onEachStore } from './stores.js'

const URL = 'https://example.com/hooks'

onEachStore('an endpoint has what it was given, and else the defaults', async () => {
  const sender = open({ provider: 'kagibag' })
  const plain = await sender.endpoints.create(URL)
  assert.ok(plain.secret instanceof Secret)
  assert.deepEqual(
    [plain.id, plain.url, plain.name, plain.events, plain.status, plain.concurrency, plain.ordered],
    [1, URL, '', [], 'active', 16, false],
  )
  assert.deepEqual([plain.timeout, plain.retry, plain.tenant, plain.rateLimit], Array(4).fill(undefined))
  assert.ok(plain.subscribed > 3)
  const full = await sender.endpoints.create(URL, {
    name: 'CRM',
    events: 'order.*',
    tenant: 't',
    secret: 'k'.repeat(32),
    headers: { authorization: 'Bearer secret' },
    timeout: 2.5,
    concurrency: 3,
    rateLimit: 7.5,
    retry: new RetryPolicy([1, 2]),
    allowHttp: false,
    allowPrivate: ['10.0.0.0/8', '127.0.0.1'],
  })
  assert.equal(full.secret?.expose(), 'k'.repeat(32))
  assert.deepEqual(full.retry?.delays(), [1, 2])
  const { secret, retry, ...rest } = full
  const { retry: _, ...stored } = await sender.endpoints.get(full.id)
  assert.deepEqual(stored, rest)
  assert.deepEqual(
    [
      full.events,
      full.tenant,
      full.headerNames,
      full.timeout,
      full.concurrency,
      full.rateLimit,
      full.allowHttp,
    ],
    [['order.*'], 't', ['authorization'], 2.5, 3, 7.5, false],
  )
  assert.deepEqual(full.allowPrivate, ['10.0.0.0/8', '127.0.0.1/32'])
  assert.doesNotMatch(JSON.stringify(full), /Bearer secret|kkkk/)
})

onEachStore('endpoints are listed in pages', async () => {
  const sender = open()
  for (let n = 0; n < 5; n++) await sender.endpoints.create(URL, { tenant: n % 2 ? 'odd' : 'even' })
  const ids: number[] = []
  let cursor: number | undefined
  do {
    const page = await sender.endpoints.list({ limit: 2, cursor })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== undefined)
  assert.deepEqual(ids, [1, 2, 3, 4, 5])
  await sender.endpoints.disable(2)
  const odd = await sender.endpoints.list({ tenant: 'odd', active: true })
  assert.deepEqual(
    odd.items.map(({ id }) => id),
    [4],
  )
})

onEachStore('what is given is changed, null goes back to the default, and the rest stays', async () => {
  const sender = open()
  const { id } = await sender.endpoints.create(URL, {
    name: 'a',
    events: ['a.*'],
    tenant: 't',
    timeout: 3,
    retry: new RetryPolicy([1]),
    headers: { 'x-a': '1' },
    ordered: true,
  })
  const renamed = await sender.endpoints.update(id, { name: 'b', url: 'https://example.org/' })
  assert.deepEqual(
    [
      renamed.name,
      renamed.url,
      renamed.events,
      renamed.tenant,
      renamed.timeout,
      renamed.ordered,
      renamed.version,
    ],
    ['b', 'https://example.org/', ['a.*'], 't', 3, true, 2],
  )
  const bare = await sender.endpoints.update(id, {
    name: null,
    events: null,
    tenant: null,
    timeout: null,
    retry: null,
    headers: null,
    ordered: null,
  })
  assert.deepEqual(
    [bare.name, bare.events, bare.tenant, bare.timeout, bare.retry, bare.headerNames, bare.ordered],
    ['', [], undefined, undefined, undefined, [], false],
  )
  await assert.rejects(sender.endpoints.update(id, { name: 'c', version: 1 }), { code: 'conflict' })
  assert.equal((await sender.endpoints.update(id, { name: 'c', version: 3 })).name, 'c')
})

onEachStore('a disabled endpoint holds what is pending until it is enabled', async () => {
  const { url, received } = await receiver()
  const sender = await started()
  const { id } = await sender.endpoints.create(url)
  assert.deepEqual([await sender.endpoints.disable(id), await sender.endpoints.disable(id)], [true, false])
  const disabled = await sender.endpoints.get(id)
  assert.deepEqual([disabled.status, disabled.disabledReason], ['disabled', 'user'])
  assert.ok(disabled.disabledAt instanceof Date)
  assert.deepEqual((await sender.send('a', {})).deliveries, [])
  assert.deepEqual([await sender.endpoints.enable(id), await sender.endpoints.enable(id)], [true, false])
  await sender.send('a', {})
  await sender.waitIdle()
  assert.equal(received.length, 1)
  const { lastAttemptAt, lastResponseCode } = await sender.endpoints.get(id)
  assert.ok(lastAttemptAt instanceof Date)
  assert.equal(lastResponseCode, 200)
})

onEachStore('an endpoint is gone when it was deleted', async () => {
  const sender = open()
  const { id } = await sender.endpoints.create(URL)
  assert.equal(await sender.endpoints.delete(id), undefined)
  const calls = [
    () => sender.endpoints.get(id),
    () => sender.endpoints.delete(id),
    () => sender.endpoints.update(id, { name: 'a' }),
    () => sender.endpoints.enable(id),
    () => sender.endpoints.rotateSecret(id),
    () => sender.sendTest(id, { type: 'a', data: 1 }),
  ]
  for (const call of calls) await assert.rejects(call, { constructor: ConfigError, code: 'not_found' })
})

onEachStore('both secrets sign for a while after a rotation', async () => {
  const { url, received } = await receiver()
  const sender = await started()
  const { id, secret: old } = await sender.endpoints.create(url)
  const fresh = await sender.endpoints.rotateSecret(id, { overlap: 60 })
  await sender.send('a', 1)
  await sender.waitIdle()
  const given = await sender.endpoints.rotateSecret(id, { secret: Secret.generate(), overlap: 0 })
  await sender.send('a', 2)
  await sender.waitIdle()
  const [first, second] = received
  for (const secret of [old!, fresh]) new Webhook(secret).verify(first!.body, first!.headers)
  new Webhook(given).verify(second!.body, second!.headers)
  assert.throws(() => new Webhook(fresh).verify(second!.body, second!.headers), {
    code: 'signature_mismatch',
  })
})

onEachStore('what an endpoint cannot be is refused', async () => {
  const sender = open({ allowHttp: false, allowPrivate: false })
  const wrong: [string, () => Promise<unknown>][] = [
    ['invalid_url', () => sender.endpoints.create('nonsense')],
    ['invalid_url', () => sender.endpoints.create('http://example.com/')],
    ['invalid_secret', () => sender.endpoints.create(URL, { secret: ' ' })],
    ['invalid_argument', () => sender.endpoints.create(URL, { events: ['a*b'] })],
    ['invalid_argument', () => sender.endpoints.create(URL, { headers: { host: 'a' } })],
    ['invalid_argument', () => sender.endpoints.create(URL, { concurrency: 0 })],
    ['invalid_argument', () => sender.endpoints.create(URL, { rateLimit: -1 })],
    ['invalid_argument', () => sender.endpoints.create(URL, { allowPrivate: ['not a network'] })],
  ]
  for (const [code, call] of wrong)
    await assert.rejects(call, { constructor: ConfigError, code }, String(call))
  await assert.rejects(sender.endpoints.create('https://127.0.0.1/'), {
    constructor: DeliveryError,
    code: 'blocked_address',
  })
  assert.deepEqual((await sender.endpoints.list()).items, [])
})
