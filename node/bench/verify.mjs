// How long `verify` takes beside `createHmac(…).update(body).digest()` and `timingSafeEqual`, which check no
// timestamp and look up no header, and beside the reference implementation of Standard Webhooks.
//
// One process, rounds in turn; the figures are medians, and the ratios are what to compare.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

import { Webhook } from 'hookseal'

const ROUNDS = 15
const CALLS = 10_000
const SIZES = [256, 1024, 4096]

const key = Buffer.alloc(32, 7)
const keyObject = createSecretKey(key)
const secret = `whsec_${key.toString('base64')}`
const text = key.toString('latin1')
const { Webhook: Reference } = await import('standardwebhooks').catch(() => ({}))

const webhooks = { standard: new Webhook(secret), kazinex: new Webhook(text, { provider: 'kazinex' }) }
const reference = Reference && new Reference(secret)

for (const size of SIZES) {
  const body = Buffer.from(
    JSON.stringify({ type: 'a.b', timestamp: new Date(), data: 'x'.repeat(size) }).slice(0, size - 3) + '"}',
  )
  const standard = { ...request(), ...webhooks.standard.sign(body) }
  const kazinex = { ...request(), ...webhooks.kazinex.sign(body) }
  const signature = Buffer.from(createHmac('sha256', text).update(body).digest('hex'))
  const bare = (by) => () => {
    const expected = Buffer.from(createHmac('sha256', by).update(body).digest('hex'))
    if (!timingSafeEqual(expected, signature)) throw new Error('mismatch')
  }
  const contestants = {
    'createHmac, string key': bare(text),
    'createHmac, KeyObject': bare(keyObject),
    'hookseal, kazinex': () => webhooks.kazinex.verify(body, kazinex),
    'hookseal, standard': () => webhooks.standard.verify(body, standard),
    'createHmac and JSON.parse': () => parsed(bare(text), body).type,
    'hookseal, standard, type': () => webhooks.standard.verify(body, standard).type,
    'hookseal, standard, refused': () => refused(() => webhooks.standard.verify('', standard)),
  }
  if (reference) contestants['standardwebhooks'] = () => reference.verify(body, standard)
  report(size, race(contestants))
}

/** The headers that a request has besides. */
function request() {
  return {
    host: 'example.com',
    'user-agent': 'sender/1.0',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'content-type': 'application/json',
    'content-length': '1024',
    'x-forwarded-for': '192.0.2.1',
    'x-request-id': '2f1d8c0e-8f5e-4a1e-9a51-1f2f3c4d5e6f',
  }
}

function parsed(check, body) {
  check()
  return JSON.parse(body.toString())
}

function refused(call) {
  try {
    call()
  } catch {
    return
  }
  throw new Error('accepted')
}

function race(contestants) {
  const times = new Map(Object.keys(contestants).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, call] of Object.entries(contestants)) {
      const start = process.hrtime.bigint()
      for (let n = 0; n < CALLS; n++) call()
      if (round > 0) times.get(name).push(Number(process.hrtime.bigint() - start) / CALLS)
    }
  }
  return times
}

function report(size, times) {
  console.log(`\n${size} bytes`.padEnd(34), 'ns/call   × createHmac (string key), for types with JSON.parse')
  for (const [name, list] of times) {
    const base = times.get(name.endsWith('type') ? 'createHmac and JSON.parse' : 'createHmac, string key')
    const ratio = median(list.map((time, round) => base[round] / time))
    console.log(
      `  ${name.padEnd(30)} ${median(list).toFixed(0).padStart(8)}   ${ratio.toFixed(2).padStart(6)}`,
    )
  }
}

function median(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1]
}
