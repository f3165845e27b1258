// Wrong arguments and bad stores: one clear error each.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'

import { ConfigError, Sender, StoreError } from 'hookseal'

import { open, path } from './receiver.js'

const invalid = { constructor: ConfigError, code: 'invalid_argument' }

test('a sender is not made of the wrong things', () => {
  const wrong: (() => unknown)[] = [
    () => new Sender(5 as never),
    () => new Sender(''),
    () => new Sender('sqlite:'),
    () => new Sender('mysql://x'),
    () => new Sender('memory:', null as never),
    () => new Sender('memory:', { provider: 5 as never }),
    () => new Sender('memory:', { allowHttp: 1 as never }),
    () => new Sender('memory:', { allowPrivate: 'all' as never }),
    () => new Sender('memory:', { caCertificates: 5 as never }),
    () => new Sender('memory:', { key: 5 as never }),
    () => new Sender('memory:', { key: ['a'] as never }),
    () => new Sender('memory:', { strict: 'yes' as never }),
    () => new Sender('memory:', { maxBody: -1 }),
    () => new Sender('memory:', { concurrency: 0 }),
    () => new Sender('memory:', { concurrency: 1.5 }),
    () => new Sender('memory:', { retention: 5 as never }),
    () => new Sender('memory:', { retention: { held: 'long' as never } }),
  ]
  for (const call of wrong) assert.throws(call, invalid, String(call))
  assert.throws(() => new Sender('memory:', { provider: 'nobody' }), { code: 'unknown_provider' })
})

test('retention has times of its own', async () => {
  for (const retention of [true, false, {}, { bodies: 60, ids: 3600, held: 1.5 }])
    await open({ retention }, 'memory:').close()
})

test('no call takes the wrong things', async () => {
  const sender = open({}, 'memory:')
  const { endpoints, deliveries, jobs, messages } = sender
  const { id } = await endpoints.create('https://example.com/')
  const circle: unknown[] = []
  circle.push(circle)
  const wrong: (() => unknown)[] = [
    () => sender.send(5 as never, {}),
    () => sender.send('', {}),
    () => sender.send('a', undefined),
    () => sender.send('a', circle),
    () => sender.send('a', 5n),
    () => sender.send('a', {}, { id: 5 as never }),
    () => sender.send('a', {}, { id: '' }),
    () => sender.send('a', {}, { tenant: '' }),
    () => sender.send('a', {}, { tenant: null as never }),
    () => sender.send('a', {}, { timestamp: '2020' as never }),
    () => sender.send('a', {}, { timestamp: Date.now() }),
    () => sender.send('a', {}, null as never),
    () => sender.sendMany({} as never),
    () => sender.sendMany(null as never),
    () => sender.sendMany([null as never]),
    () => sender.sendMany([{ type: 'a' } as never]),
    () => sender.sendTest({} as never),
    () => sender.sendTest(1.5),
    () => sender.sendTest(id, { type: 5 as never }),
    () => sender.sendTest(id, { type: 'a', data: 5n }),
    () => sender.sendTest(id),
    () => sender.usage({ since: 'x' as never }),
    () => sender.waitIdle({ timeout: -1 }),
    () => sender.waitIdle({ timeout: 'x' as never }),
    () => sender.waitIdle({ signal: {} as never }),
    () => sender.waitIdle(5 as never),
    () => endpoints.create(5 as never),
    () => endpoints.create('https://example.com/', { events: 5 as never }),
    () => endpoints.create('https://example.com/', { events: [5 as never] }),
    () => endpoints.create('https://example.com/', { secret: 5 as never }),
    () => endpoints.create('https://example.com/', { secret: [] as never }),
    () => endpoints.create('https://example.com/', { headers: null as never }),
    () => endpoints.create('https://example.com/', { headers: { 'x-a': 5 as never } }),
    () => endpoints.create('https://example.com/', { timeout: NaN }),
    () => endpoints.create('https://example.com/', { timeout: null as never }),
    () => endpoints.create('https://example.com/', { rateLimit: '5' as never }),
    () => endpoints.create('https://example.com/', { ordered: 1 as never }),
    () => endpoints.create('https://example.com/', { retry: [1] as never }),
    () => endpoints.get('1' as never),
    () => endpoints.get(NaN),
    () => endpoints.get(-1),
    () => endpoints.list({ cursor: 'x' as never }),
    () => endpoints.list({ limit: 0 }),
    () => endpoints.list({ active: 'yes' as never }),
    () => endpoints.update(id, { url: null as never }),
    () => endpoints.update(id, { version: null as never }),
    () => endpoints.update(id, { tenant: 5 as never }),
    () => endpoints.update(id, null as never),
    () => endpoints.rotateSecret(id, { overlap: -1 }),
    () => deliveries.list({ status: 'lost' as never }),
    () => deliveries.list({ type: 'a*' }),
    () => deliveries.list({ responseClass: 4 as never }),
    () => deliveries.list({ since: 'x' as never }),
    () => deliveries.list({ limit: 2 ** 40 }),
    () => deliveries.get({} as never),
    () => deliveries.retry('1' as never),
    () => deliveries.retryFailed('x' as never),
    () => deliveries.retryFailed(0, { type: '*a' }),
    () => deliveries.cancel(1.5),
    () => jobs.get('1' as never),
    () => messages.get({} as never),
    () => messages.get('m', { tenant: 5 as never }),
    () => messages.expunge(null as never),
  ]
  for (const call of wrong) await assert.rejects(async () => call(), invalid, String(call))
  assert.throws(() => sender.example(5 as never), invalid)
  assert.throws(() => sender.on('endpoint.gone' as never, () => {}), invalid)
  assert.throws(() => sender.on('endpoint.disabled', 5 as never), invalid)
  assert.throws(() => sender.notices({ signal: 5 as never }), invalid)
  assert.equal((await sender.stats()).sent, 0)
})

test('a store that cannot be used says why', () => {
  const foreign = path('foreign.db')
  writeFileSync(foreign, 'this is not a database, and it is longer than the header of one. '.repeat(20))
  assert.throws(() => open({}, `sqlite:${foreign}`), { constructor: StoreError, code: 'store_schema' })
  const folder = path('folder')
  mkdirSync(folder)
  assert.throws(() => open({}, `sqlite:${folder}`), StoreError)
  for (const file of [`${folder}/no/such.db`, `${foreign}/store.db`, '/proc/store.db'])
    assert.throws(() => open({}, `sqlite:${file}`), StoreError, file)
})
