// The log of a sender: deliveries, attempts, jobs, messages, numbers.
import assert from 'node:assert/strict'
import { createWriteStream, readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

import { ConfigError, RetryPolicy, type Sender } from 'hookseal'

import { path, receiver, started, until } from './receiver.js'
import { onEachStore } from './stores.js'

const once = new RetryPolicy([])

async function finished(sender: Sender, id: number) {
  await until(async () => (await sender.jobs.get(id)).finished, 'the job ends')
  return sender.jobs.get(id)
}

onEachStore('a delivery is shown with all that was sent and answered', async () => {
  const { url, received } = await receiver((_, count) => (count === 1 ? 500 : 200))
  const sender = await started()
  const endpoint = await sender.endpoints.create(url, {
    retry: new RetryPolicy([0.01]),
    headers: { Authorization: 'Bearer t' },
  })
  const message = await sender.send('a.b', { x: 1 }, { tenant: 't' })
  await sender.waitIdle()
  const delivery = await sender.deliveries.get(message.deliveries[0]!)
  const { attempts, body, ...row } = delivery
  assert.deepEqual((await sender.deliveries.list()).items, [row])
  assert.deepEqual(
    [
      row.message,
      row.messageKey,
      row.type,
      row.tenant,
      row.endpoint,
      row.status,
      row.trigger,
      row.responseCode,
    ],
    [message.id, message.key, 'a.b', 't', endpoint.id, 'delivered', 'event', 200],
  )
  assert.ok(row.createdAt instanceof Date && row.doneAt instanceof Date && row.due === undefined)
  assert.deepEqual(Buffer.from(body!), received[0]!.body)
  assert.deepEqual(
    attempts.map((attempt) => [attempt.number, attempt.responseCode, attempt.succeeded, attempt.error]),
    [
      [1, 500, false, undefined],
      [2, 200, true, undefined],
    ],
  )
  const [attempt] = attempts
  const sent = new Map(attempt!.requestHeaders)
  assert.equal(sent.get('webhook-id'), message.id)
  assert.equal(sent.get('authorization'), '[redacted]')
  assert.equal(Buffer.from(attempt!.responseBody).toString(), 'thanks')
  assert.ok(attempt!.startedAt instanceof Date && attempt!.durationMs >= 0)
})

onEachStore('why there was no answer', async () => {
  const sender = await started()
  await sender.endpoints.create('http://127.0.0.1:1/', { retry: once })
  const { deliveries } = await sender.send('a', {})
  await sender.waitIdle()
  const { status, errorCode, attempts } = await sender.deliveries.get(deliveries[0]!)
  assert.deepEqual([status, errorCode], ['failed', 'connect_failed'])
  assert.equal(attempts[0]?.errorCode, 'connect_failed')
  assert.equal(attempts[0]?.error?.code, 'connect_failed')
})

onEachStore('deliveries are filtered and paged, newest first', async () => {
  const { url } = await receiver((request) => (request.body.includes('"bad"') ? 500 : 200))
  const sender = await started()
  const one = await sender.endpoints.create(url, { retry: once, events: ['a.*'] })
  const two = await sender.endpoints.create(url, { retry: once, tenant: 't' })
  const before = Date.now()
  await sender.send('a.x', 'good', { tenant: 't' })
  await sender.send('a.y', 'bad')
  await sender.send('b.z', 'bad', { tenant: 't' })
  await sender.waitIdle()
  const list = async (options: Parameters<Sender['deliveries']['list']>[0]) =>
    (await sender.deliveries.list(options)).items.map(({ type, endpoint }) => `${type} ${endpoint}`)
  const [x1, x2, y1, z2] = [`a.x ${one.id}`, `a.x ${two.id}`, `a.y ${one.id}`, `b.z ${two.id}`]
  assert.deepEqual(await list({}), [z2, y1, x2, x1])
  assert.deepEqual(await list({ endpoint: two.id }), [z2, x2])
  assert.deepEqual(await list({ status: 'failed' }), [z2, y1])
  assert.deepEqual(await list({ type: 'a.*' }), [y1, x2, x1])
  assert.deepEqual(await list({ type: ['a.y', 'b.z'] }), [z2, y1])
  assert.deepEqual(await list({ tenant: 't' }), [z2, x2, x1])
  assert.deepEqual(await list({ responseClass: '5xx' }), [z2, y1])
  assert.deepEqual(await list({ responseClass: '4xx' }), [])
  assert.deepEqual(await list({ since: new Date(before - 1) }), [z2, y1, x2, x1])
  assert.deepEqual(await list({ until: new Date(before - 1) }), [])
  const first = await sender.deliveries.list({ limit: 3 })
  const second = await sender.deliveries.list({ limit: 3, cursor: first.cursor })
  assert.deepEqual([first.items.length, second.items.length, second.cursor], [3, 1, undefined])
  const full = await sender.deliveries.list({ limit: 4 })
  assert.deepEqual(
    [full.items.length, full.cursor],
    [4, undefined],
    'nothing follows a page that is just full',
  )
})

onEachStore('one delivery is made once more, with the same bytes', async () => {
  const { url, received } = await receiver((_, count) => (count === 1 ? 500 : 200))
  const sender = await started()
  await sender.endpoints.create(url, { retry: once })
  const { deliveries } = await sender.send('a', { x: 1 }, { id: 'same' })
  await sender.waitIdle()
  const again = await sender.deliveries.retry(deliveries[0]!)
  await sender.waitIdle()
  const retried = await sender.deliveries.get(again)
  assert.deepEqual([retried.status, retried.trigger, retried.parent], ['delivered', 'manual', deliveries[0]])
  assert.deepEqual(received[0]!.body, received[1]!.body)
  assert.equal(received[1]!.headers['webhook-id'], 'same')
  await assert.rejects(sender.deliveries.retry(999), { constructor: ConfigError, code: 'not_found' })
})

onEachStore('all that failed is delivered again by a job', async () => {
  let up = false
  const { url, received } = await receiver(() => (up ? 200 : 500))
  const sender = await started()
  const { id: endpoint } = await sender.endpoints.create(url, { retry: once })
  const since = new Date(Date.now() - 1000)
  await sender.sendMany(Array.from({ length: 20 }, (_, n) => ({ type: n < 5 ? 'a.b' : 'c.d', data: n })))
  await sender.waitIdle()
  up = true
  const none = await sender.deliveries.retryFailed(Date.now() / 1000 + 60)
  assert.equal(none.total, 0)
  const some = await sender.deliveries.retryFailed(since, { endpoint, type: 'a.*' })
  assert.deepEqual([some.total, some.since], [5, since])
  const done = await finished(sender, some.id)
  assert.deepEqual([done.done, done.retried, done.skipped, done.finished], [5, 5, 0, true])
  await sender.waitIdle()
  assert.equal(received.length, 25)
  const rest = await sender.deliveries.retryFailed(since)
  const all = await finished(sender, rest.id)
  assert.equal(all.done, all.total)
  assert.equal(all.retried, 15)
  await assert.rejects(sender.jobs.get(999), { constructor: ConfigError, code: 'not_found' })
})

onEachStore('a delivery that is pending can be canceled', async () => {
  const { url, received } = await receiver(() => 500)
  const sender = await started()
  await sender.endpoints.create(url, { retry: new RetryPolicy([3600]) })
  const { deliveries } = await sender.send('a', {})
  const [id] = deliveries as [number]
  await until(async () => (await sender.deliveries.get(id)).attemptCount === 1, 'the first attempt fails')
  const pending = await sender.deliveries.get(id)
  assert.equal(pending.status, 'pending')
  assert.ok(pending.due!.getTime() > Date.now() + 3_000_000)
  assert.deepEqual([await sender.deliveries.cancel(id), await sender.deliveries.cancel(id)], [true, false])
  assert.equal((await sender.deliveries.get(id)).status, 'canceled')
  assert.equal(await sender.waitIdle({ timeout: 10 }), true)
  assert.equal(received.length, 1)
})

onEachStore('a message is found by its id or number, until it is expunged', async () => {
  const { url } = await receiver()
  const sender = await started()
  await sender.endpoints.create(url)
  const sent = await sender.send('a', { secret: 1 }, { id: 'm', tenant: 't' })
  await sender.waitIdle()
  const { body, ...found } = await sender.messages.get('m', { tenant: 't' })
  const { duplicate, deliveries, ...message } = sent
  assert.deepEqual(found, message)
  assert.match(Buffer.from(body!).toString(), /secret/)
  assert.deepEqual((await sender.messages.get(sent.key)).id, 'm')
  await assert.rejects(sender.messages.get('m'), { constructor: ConfigError, code: 'not_found' })
  assert.equal(await sender.messages.expunge('m', { tenant: 't' }), true)
  assert.equal(await sender.messages.expunge(sent.key), false)
  assert.equal((await sender.messages.get(sent.key)).body, undefined)
  const delivery = await sender.deliveries.get(deliveries[0]!)
  assert.equal(delivery.body, undefined)
})

onEachStore('tests are sent at once and answered', async () => {
  const { url, received } = await receiver()
  const sender = await started({ provider: 'kagibag' })
  const { id } = await sender.endpoints.create(url, { events: ['order.paid'] })
  const [result] = await sender.sendTest(id)
  assert.deepEqual([result?.endpoint, result?.delivered, result?.attempt?.responseCode], [id, true, 200])
  const event = JSON.parse(received[0]!.body.toString())
  assert.deepEqual([event.type, event.data.test], ['order.paid', true])
  const byType = await sender.sendTest('order.paid', { data: { a: 1 } })
  assert.deepEqual(JSON.parse(received[1]!.body.toString()).data, { a: 1, test: true })
  assert.equal(byType.length, 1)
  assert.deepEqual(await sender.sendTest('order.refunded', { data: {} }), [])
  assert.equal((await sender.deliveries.get(result!.delivery)).trigger, 'test')
  await assert.rejects(sender.sendTest(99), { constructor: ConfigError, code: 'not_found' })
})

onEachStore('the sender in numbers', async () => {
  const { url } = await receiver()
  const sender = await started()
  await sender.endpoints.create(url)
  await sender.send('a', 1, { id: 'one' })
  await sender.send('a', 1, { id: 'one' })
  await sender.waitIdle()
  const stats = await sender.stats()
  assert.deepEqual([stats.sent, stats.duplicates, stats.delivered, stats.failed], [1, 1, 1, 0])
  assert.deepEqual([stats.pending, stats.inFlight, stats.dispatching], [0, 0, true])
  assert.match(await sender.prometheus(), /^hookseal_messages_total\{result="stored"\} 1$/m)
})

onEachStore('the log is exported as lines of JSON', async () => {
  const { url } = await receiver()
  const sender = await started()
  await sender.endpoints.create(url)
  await sender.sendMany(Array.from({ length: 300 }, (_, n) => ({ type: `a.t${n % 3}`, data: n })))
  await sender.waitIdle()
  const file = path('log.jsonl')
  assert.equal(await sender.export(file), 300)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const rows = lines.map((line) => JSON.parse(line))
  assert.deepEqual([rows.length, rows[0].delivery, rows[0].attempts.length], [300, 300, 1])
  assert.equal(await sender.export(pathToFileURL(file), { type: 'a.t1' }), 100)
  const stream = new PassThrough()
  const read = text(stream)
  assert.equal(await sender.export(stream, { status: 'delivered', since: 0 }), 300)
  stream.end('end')
  assert.equal(await read, lines.join('\n') + '\nend')
})

onEachStore('an export that cannot be written', async () => {
  const { url } = await receiver()
  const sender = await started()
  await sender.endpoints.create(url)
  await sender.sendMany(Array.from({ length: 300 }, (_, n) => ({ type: 'a', data: n })))
  await sender.waitIdle()
  await assert.rejects(sender.export('/no/such/folder/log'), {
    constructor: ConfigError,
    code: 'invalid_argument',
  })
  await assert.rejects(sender.export(createWriteStream('/no/such/folder/log')), { code: 'ENOENT' })
  await assert.rejects(sender.export(path(), { signal: AbortSignal.abort() }), { name: 'AbortError' })
  const [stuck, controller] = [new PassThrough({ highWaterMark: 1 }), new AbortController()]
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(sender.export(stuck, { signal: controller.signal }), { name: 'AbortError' })
  for (const to of [5, null, {}])
    await assert.rejects(sender.export(to as never), { constructor: ConfigError, code: 'invalid_argument' })
  assert.equal(await sender.waitIdle({ timeout: 5 }), true)
})
