// The inbox: what is received is handled once, again if it fails, in order if asked, and can be looked at.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { after, test } from 'node:test'

import {
  ConfigError,
  Discard,
  type EventNotice,
  HooksealError,
  Inbox,
  type InboxOptions,
  RetryIn,
  RetryPolicy,
  Sender,
  StoreError,
  VerificationError,
  Webhook,
} from 'hookseal'

import { until } from './receiver.js'
import { onEachStore, store } from './stores.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook = new Webhook(SECRET)
const SOON = new RetryPolicy([0.1, 0.1])
const children: ChildProcess[] = []
after(() => children.forEach((child) => child.kill('SIGKILL')))

function request(id: string, data: unknown = {}, type = 'thing.made'): [string, Record<string, string>] {
  const body = JSON.stringify({ type, data })
  return [body, webhook.sign(body, { id })]
}

async function handledBy(options: InboxOptions, url: string, set: (inbox: Inbox) => void): Promise<Inbox> {
  const inbox = new Inbox(url, webhook, options)
  set(inbox)
  await inbox.start()
  return inbox
}

onEachStore('an event is stored and handled once', async () => {
  const seen: [string | undefined, number][] = []
  await using inbox = await handledBy({}, store(), (inbox) =>
    inbox.on('thing.*', (event, { number }) => void seen.push([event.id, number])),
  )
  const [body, headers] = request('a', { n: 1 })
  assert.deepEqual(await inbox.receive(body, headers), { id: 'a', duplicate: false })
  const again = await Promise.all(Array.from({ length: 32 }, () => inbox.receive(body, headers)))
  assert.ok(again.every(({ duplicate }) => duplicate))
  assert.ok(await inbox.waitIdle({ timeout: 30 }))
  assert.deepEqual(seen, [['a', 1]])
  const { status, type, tryCount, tries, body: kept } = await inbox.events.get('a')
  assert.deepEqual([status, type, tryCount, tries[0]?.succeeded], ['handled', 'thing.made', 1, true])
  assert.equal(Buffer.from(kept!).toString(), body)
  const { received, duplicates, handled, pending } = await inbox.stats()
  assert.deepEqual([received, duplicates, handled, pending], [1, 32, 1, 0])
  assert.match(await inbox.prometheus(), /hookseal_inbox_events_total\{result="handled"\} 1/)
})

void test('what is not verified never reaches the store', async () => {
  const inbox = new Inbox('memory:', webhook, { maxBody: 100 })
  const [body, headers] = request('a')
  const refused = (code: string) => (error: unknown) => {
    assert.ok(error instanceof VerificationError)
    return error.code === code
  }
  await assert.rejects(inbox.receive(`${body} `, headers), refused('signature_mismatch'))
  await assert.rejects(inbox.receive(...request('b', 'x'.repeat(100))), refused('request_too_large'))
  await assert.rejects(
    inbox.receive(body, headers, { now: Date.now() / 1000 + 3600 }),
    refused('timestamp_too_old'),
  )
  await assert.rejects(inbox.receive(body, headers, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.deepEqual((await inbox.events.list()).items, [])
  await inbox.close()
  await assert.rejects(inbox.receive(body, headers), { name: 'ConfigError', code: 'closed' })
})

onEachStore('a handler that fails is tried again, and then waits for somebody', async () => {
  let broken = true
  const keys = new Set<string>()
  const told: EventNotice[] = []
  await using inbox = await handledBy({ retry: SOON }, store(), (inbox) =>
    inbox.on('*', async (_event, { number, idempotencyKey }) => {
      keys.add(idempotencyKey)
      if (broken) throw new RangeError(`no seats in try ${number}`)
    }),
  )
  let recovered = false
  inbox.onNotice('event.recovered', () => void (recovered = true))
  inbox.onNotice('event.failed', (notice) => void told.push(notice))
  await inbox.receive(...request('a'))
  assert.ok(await inbox.waitIdle({ timeout: 30 }))
  const failed = await inbox.events.get('a')
  assert.deepEqual([failed.status, failed.errorCode], ['failed', 'handler_failed'])
  assert.deepEqual(
    failed.tries.map(({ error }) => error?.message),
    [1, 2, 3].map((number) => `RangeError: no seats in try ${number}`),
  )
  assert.deepEqual((await inbox.events.list({ status: 'failed', type: 'thing.*' })).items.length, 1)
  broken = false
  const job = await inbox.events.retryFailed(new Date(Date.now() - 3600_000), { type: 'thing.made' })
  await until(() => recovered, 'a notice that it recovered')
  assert.equal((await inbox.jobs.get(job.id)).total, 1)
  assert.deepEqual(
    told.map(({ id, error }) => [id, error?.message]),
    [['a', 'RangeError: no seats in try 3']],
  )
  assert.equal(keys.size, 1)
})

onEachStore('a handler may ask for another try, or for none', async () => {
  const at: number[] = []
  await using inbox = await handledBy({}, store(), (inbox) =>
    inbox
      .on('later', (_event, { number }) => {
        at.push(Date.now())
        if (number === 1) throw new RetryIn(0.3, 'the seats are locked')
      })
      .on('never', () => {
        throw new Discard('nobody sits there any more')
      }),
  )
  for (const [id, type] of Object.entries({ a: 'later', b: 'never', c: 'unknown' })) {
    await inbox.receive(...request(id, {}, type))
  }
  assert.ok(await inbox.waitIdle({ timeout: 30 }))
  assert.ok(at[1]! - at[0]! >= 300)
  const errors = async (id: string) =>
    (await inbox.events.get(id)).tries.map(({ error, errorCode }) => [errorCode, error?.message])
  assert.deepEqual(await errors('a'), [
    ['handler_failed', 'the seats are locked'],
    [undefined, undefined],
  ])
  assert.deepEqual(await errors('b'), [['discarded', 'nobody sits there any more']])
  assert.equal((await errors('c'))[0]?.[0], 'no_handler')
  assert.equal((await inbox.events.get('c')).status, 'discarded')
})

void test('a handler whose time is over is told, and not overtaken by the next try', async () => {
  let [inside, most] = [0, 0]
  await using inbox = await handledBy({ timeout: 0.2, retry: new RetryPolicy([0.1]) }, 'memory:', (inbox) =>
    inbox.on('*', async (_event, { number, signal }) => {
      most = Math.max(most, ++inside)
      if (number === 1) {
        await once(signal, 'abort')
        assert.equal((signal.reason as Error).name, 'TimeoutError')
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      inside--
    }),
  )
  await inbox.receive(...request('a'))
  assert.ok(await inbox.waitIdle({ timeout: 30 }))
  const { status, tries } = await inbox.events.get('a')
  assert.deepEqual([status, ...tries.map(({ errorCode }) => errorCode)], ['handled', 'timeout', undefined])
  assert.equal(most, 1)
})

onEachStore('events of a key are handled in order', async () => {
  const order: [string, number][] = []
  const inbox = new Inbox(store(), webhook, { orderBy: ({ data }) => data.room, retry: SOON })
  for (let n = 0; n < 12; n++) await inbox.receive(...request(`e${n}`, { room: `room ${n % 3}`, n }))
  inbox.on<{ room: string; n: number }>('*', ({ data }, { number }) => {
    if (data.n === 0 && number === 1) throw new Error('once')
    order.push([data.room, data.n])
  })
  await inbox.start()
  assert.ok(await inbox.waitIdle({ timeout: 30 }))
  await inbox.close()
  for (const room of [0, 1, 2]) {
    const found = order.filter(([name]) => name === `room ${room}`).map(([, n]) => n)
    assert.deepEqual(found, [room, room + 3, room + 6, room + 9])
  }
})

void test('orderBy is shown what was verified, and nothing else', async () => {
  const rotated = new Webhook(['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', SECRET])
  const shown: [string | undefined, number, Uint8Array][] = []
  await using inbox = new Inbox('memory:', rotated, {
    maxBody: 50_000,
    orderBy: (event) => {
      shown.push([event.id, event.keyIndex, event.body])
      event.body.fill(0x20)
      if (event.data.room === undefined) throw new RangeError('no room')
      return event.data.room
    },
  })
  const [body, headers] = request('a', { room: 'one' })
  const strange: [string, [string, Record<string, string>]][] = [
    ['signature_mismatch', [`${body} `, headers]],
    ['missing_header', [body, {}]],
    ['request_too_large', request('b', { room: 'x'.repeat(50_000) })],
  ]
  for (const [code, refused] of strange) {
    await assert.rejects(inbox.receive(...refused), { name: 'VerificationError', code })
    assert.throws(() => inbox.prepare(...refused), { name: 'VerificationError', code })
  }
  assert.equal(shown.length, 0)

  await assert.rejects(inbox.receive(...request('c')), { name: 'RangeError', message: 'no room' })
  await assert.rejects(inbox.receive(...request('d', { room: 7 })), { code: 'invalid_argument' })
  assert.deepEqual((await inbox.events.list()).items, [])
  assert.ok(!(await inbox.receive(...request('e', { room: null }))).duplicate)

  // What is stored is what was verified, and not what somebody makes of it.
  for (const [id, padding] of [
    ['small', ''],
    ['large', 'x'.repeat(20_000)],
  ] as const) {
    const [body, headers] = request(id, { room: 'one', padding })
    const raw = Buffer.from(body)
    await inbox.receive(raw, headers)
    const [known, keyIndex, given] = shown.at(-1)!
    assert.deepEqual([known, keyIndex], [id, 1])
    assert.equal(given, raw)
    assert.equal(Buffer.from((await inbox.events.get(id)).body!).toString(), body)
  }
})

void test('the log is steered and written', async () => {
  const inbox = new Inbox('memory:', webhook)
  for (const id of ['e0', 'e1', 'e2']) await inbox.receive(...request(id))
  const { items, cursor } = await inbox.events.list({ limit: 2 })
  assert.deepEqual(
    items.map(({ id }) => id),
    ['e2', 'e1'],
  )
  assert.deepEqual((await inbox.events.list({ cursor })).items[0]?.id, 'e0')
  assert.ok(await inbox.events.discard('e0'))
  assert.ok(!(await inbox.events.discard('e0')))
  assert.ok(await inbox.events.expunge('e1'))
  assert.equal((await inbox.events.get('e1')).body, undefined)
  assert.ok((await inbox.receive(...request('e1'))).duplicate)
  let lines = ''
  const to = new Writable({ write: (chunk, _encoding, done) => ((lines += String(chunk)), done()) })
  assert.equal(await inbox.events.export(to, { status: 'discarded' }), 2)
  const ids = lines.trim().split('\n')
  assert.deepEqual(
    ids.map((line) => (JSON.parse(line) as { id: string }).id),
    ['e1', 'e0'],
  )
  await assert.rejects(inbox.events.get('nothing'), { name: 'ConfigError', code: 'not_found' })
  await inbox.close()
})

void test('options that make no sense are refused', () => {
  const refused = (error: unknown) => error instanceof ConfigError && error.code === 'invalid_argument'
  for (const options of [
    { concurrency: 0 },
    { timeout: 0 },
    { retry: [1] as never },
    { retention: { held: 1 } as never },
    { orderBy: 7 as never },
  ] satisfies InboxOptions[]) {
    assert.throws(() => new Inbox('memory:', webhook, options), refused)
  }
  assert.throws(() => new Inbox('nowhere:', webhook), refused)
  assert.throws(() => new Inbox('memory:', 'whsec_text' as never), refused)
  assert.throws(() => new Inbox('memory:', webhook).on('*', undefined as never), refused)
  assert.throws(() => new Inbox('memory:', webhook).on('', () => {}), refused)
  assert.ok(new ConfigError('closed', '') instanceof HooksealError)
})

onEachStore("a sender's store is not an inbox's", async () => {
  const url = store()
  await new Sender(url).close()
  assert.throws(
    () => new Inbox(url, webhook),
    (error) => error instanceof StoreError && error.code === 'store_schema',
  )
})

const SERVES = `
  const { Inbox, Webhook } = require('hookseal')
  const webhook = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const inbox = new Inbox(process.argv[1], webhook)
  inbox.on('*', async (event) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    console.log('handled', event.id)
  })
  const serve = async (first) => {
    await inbox.start()
    for (let n = first; ; n++) {
      const body = JSON.stringify({ type: 'thing.made', data: { n } })
      const { id } = await inbox.receive(body, webhook.sign(body, { id: 'e' + n }))
      console.log('acknowledged', id)
    }
  }
  void serve(Number(process.argv[2]))
`

onEachStore('killed while it handles, every acknowledged event is handled', async () => {
  const url = store()
  const said = { handled: new Set<string>(), acknowledged: new Set<string>() }
  for (let round = 0; round < 4; round++) {
    // Two on one store: both receive.
    const pair = [0, 1].map((one) => {
      const first = String((2 * round + one) * 100_000)
      const child = spawn(process.execPath, ['-e', SERVES, url, first], {
        cwd: __dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      const lines = createInterface(child.stdout)
      lines.on('line', (line) => {
        const [what, id] = line.split(' ') as ['handled' | 'acknowledged', string | undefined]
        // The last line may have been cut short.
        if (id !== undefined) said[what]?.add(id)
      })
      return { child, begun: once(lines, 'line') }
    })
    await Promise.all(pair.map(({ begun }) => begun))
    await new Promise((resolve) => setTimeout(resolve, 50 + 300 * Math.random()))
    for (const { child } of pair) {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
    }
  }
  const inbox = await handledBy({}, url, (inbox) =>
    inbox.on('*', (event) => void said.handled.add(event.id!)),
  )
  assert.ok(await inbox.waitIdle({ timeout: 60 }))
  await inbox.close()
  const lost = [...said.acknowledged].filter((id) => !said.handled.has(id))
  // An id that was cut short is a prefix of one that was handled.
  const short = lost.filter((id) => [...said.handled].some((whole) => whole.startsWith(id)))
  assert.deepEqual(lost, short)
  assert.ok(said.acknowledged.size > 8)
})
