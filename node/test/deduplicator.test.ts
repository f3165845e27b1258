// Claims on events, on each store.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  ConfigError,
  Deduplicator,
  type DeduplicatorOptions,
  type Event,
  HooksealError,
  Provider,
  StoreError,
  VerificationError,
} from 'hookseal'

import { server, sql } from './stores.js'

const provider = Provider.builtin('webkasa')
let count = 0
const folder = mkdtempSync(join(tmpdir(), 'hookseal-dedup-'))
const schemas: string[] = []
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  if (schemas.length > 0) await sql(`DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`)
})

const stores: Record<string, () => string> = {
  memory: () => 'memory:',
  sqlite: () => `sqlite:${join(folder, `${++count}.db`)}`,
  postgres: () => {
    schemas.push(`node_dedup_${process.pid}_${++count}`)
    return `${server()}?hookseal_schema=${schemas.at(-1)}`
  },
  redis: () => {
    const url = process.env.HOOKSEAL_TEST_REDIS
    assert.ok(url, 'these tests need a server: run them by `scripts/redis run …`, or set HOOKSEAL_TEST_REDIS')
    return `${url}?hookseal_prefix=${process.pid}.${++count}:`
  },
}

function onEachStore(
  name: string,
  body: (dedup: Deduplicator) => Promise<void>,
  options?: DeduplicatorOptions,
): void {
  for (const [store, url] of Object.entries(stores)) {
    void test(`${name} (${store})`, async () => {
      const dedup = new Deduplicator(url(), options)
      await body(dedup)
      await dedup.close()
      await assert.rejects(dedup.claim(event()), { code: 'closed' })
    })
  }
}

function event(): Event {
  return provider.event('booking.created', {}, { id: `evt_${process.pid}_${++count}` })
}

async function refusal(work: Promise<unknown>): Promise<HooksealError> {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof HooksealError)
    return error
  }
  assert.fail('it was not refused')
}

onEachStore('once done it is a duplicate', async (dedup) => {
  const one = event()
  const claim = await dedup.claim(one)
  const inProgress = await refusal(dedup.claim(one))
  assert.ok(inProgress instanceof VerificationError)
  assert.equal(inProgress.code, 'event_in_progress')
  assert.equal(inProgress.httpStatus, 503)
  assert.ok(inProgress.retryAfter! > 50 && inProgress.retryAfter! <= 60)
  await claim.extend()
  await claim.done()
  await claim.release()
  assert.equal((await refusal(dedup.claim(one))).code, 'duplicate_event')
})

onEachStore('once calls the handler once, and again after it threw', async (dedup) => {
  const one = event()
  const oh = new Error('oh')
  await assert.rejects(
    dedup.once(one, () => Promise.reject(oh)),
    oh,
  )
  assert.deepEqual(await dedup.once(one, async () => 7), { duplicate: false, value: 7 })
  assert.deepEqual(await dedup.once(one, () => assert.fail('it is called again')), { duplicate: true })
})

onEachStore('of many at once one gets it', async (dedup) => {
  const one = event()
  const results = await Promise.allSettled(Array.from({ length: 32 }, () => dedup.claim(one)))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
})

onEachStore(
  'a stalled holder is told',
  async (dedup) => {
    const one = event()
    const stalled = await refusal(
      dedup.once(one, async () => {
        await sleep(400)
        await (await dedup.claim(one)).done()
      }),
    )
    assert.ok(stalled instanceof StoreError)
    assert.equal(stalled.code, 'claim_lost')
    assert.equal((await refusal(dedup.claim(one))).code, 'duplicate_event')
  },
  { lease: 0.3 },
)

void test('what makes no sense', async () => {
  for (const url of ['', 'memory', 'mysql://h/d']) assert.throws(() => new Deduplicator(url), ConfigError)
  assert.throws(() => new Deduplicator('memory:', { lease: 0 }), ConfigError)
  assert.throws(() => new Deduplicator('memory:', { keep: '7 days' as unknown as number }), ConfigError)
  assert.throws(
    () => new Deduplicator('redis://:hunter2@127.0.0.1:1/0'),
    (error: StoreError) => error.code === 'store_unavailable' && !error.message.includes('hunter2'),
  )
  const dedup = new Deduplicator('memory:', { capacity: 1 })
  const held = await dedup.claim(event())
  assert.equal((await refusal(dedup.claim(event()))).code, 'store_full')
  await held.release()
  await (await dedup.claim(event())).done()
})
