import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'

import { ConfigError, Provider, VerificationError, Webhook } from 'hookseal'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const BODY = '{"test": 2432232314}'

// The example of the Standard Webhooks specification.
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const AT = { id: HEADERS['webhook-id'], timestamp: 1614265330 }

test('signs what the specification shows', () => {
  assert.deepEqual(new Webhook(SECRET).sign(BODY, AT), HEADERS)
  assert.deepEqual(new Webhook(SECRET).sign(BODY, { ...AT, timestamp: new Date(1614265330_000) }), HEADERS)
})

test('verifies any kind of body', () => {
  const webhook = new Webhook(SECRET)
  const bytes = Buffer.from(BODY)
  const framed = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(3)])
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  for (const body of [
    BODY,
    bytes,
    new Uint8Array(bytes),
    new Uint8Array(bytes).buffer,
    framed.subarray(3, 3 + bytes.length),
    new DataView(new Uint8Array(bytes).buffer),
    new Uint8Array(shared),
    shared,
  ]) {
    const event = webhook.verify(body as Buffer, HEADERS, { now: 1614265330 })
    assert.equal(Buffer.from(event.body).toString(), BODY)
  }
})

test('a body that was parsed is refused, with the way out', () => {
  const webhook = new Webhook(SECRET)
  for (const body of [JSON.parse(BODY), [1], null, undefined, 5, true, Symbol(), () => BODY, 5n]) {
    assert.throws(() => webhook.verify(body, HEADERS), {
      constructor: ConfigError,
      code: 'invalid_argument',
      message: /raw request body.*express\.raw/,
    })
    assert.throws(() => webhook.sign(body), { code: 'invalid_argument' })
  }
})

test('a string is its UTF-8 bytes, and a lone surrogate what JavaScript makes of it', () => {
  const webhook = new Webhook('key-key-key-key-', { provider: 'kazinex' })
  for (const [text, utf8] of [
    ['{"a":"é€😀"}', '{"a":"é€😀"}'],
    ['{"a":"\ud800"}', '{"a":"\ufffd"}'],
  ] as const) {
    const signature = createHmac('sha256', 'key-key-key-key-').update(utf8).digest('hex')
    const headers = { 'X-Kazinex-Signature': `sha256=${signature}` }
    assert.deepEqual(webhook.verify(text, headers).payload, JSON.parse(utf8))
    assert.deepEqual(webhook.verify(Buffer.from(utf8), headers).payload, JSON.parse(utf8))
  }
})

test('the clock is the caller’s', () => {
  const webhook = new Webhook(SECRET)
  const verify = (now: number | Date) => webhook.verify(BODY, HEADERS, { now })
  assert.equal(verify(1614265330 + 300).keyIndex, 0)
  assert.equal(verify(new Date((1614265330 - 300) * 1000)).keyIndex, 0)
  assert.throws(() => verify(1614265330 + 301), { constructor: VerificationError, code: 'timestamp_too_old' })
  assert.throws(() => verify(1614265330 - 301), { constructor: VerificationError, code: 'timestamp_too_new' })
  assert.throws(() => webhook.verify(BODY, HEADERS), { code: 'timestamp_too_old' })
  for (const now of [NaN, Infinity, -1, Date.now() * 1000, '1614265330', null, new Date(NaN)]) {
    assert.throws(() => verify(now as never), { constructor: ConfigError, code: 'invalid_argument' })
  }
})

test('tolerance is one number or one for each direction', () => {
  const verify = (tolerance: never, now: number) =>
    new Webhook(SECRET, { tolerance }).verify(BODY, HEADERS, { now })
  assert.equal(verify(400 as never, 1614265330 + 400).keyIndex, 0)
  assert.throws(() => verify(0 as never, 1614265331), { code: 'timestamp_too_old' })
  assert.equal(verify({ past: 0, future: 9 } as never, 1614265321).keyIndex, 0)
  assert.throws(() => verify({ past: 9, future: 0 } as never, 1614265329), { code: 'timestamp_too_new' })
  for (const wrong of [NaN, Infinity, -1, null, '5', {}, { past: 1 }, { past: 1, future: NaN }, []]) {
    assert.throws(() => verify(wrong as never, 0), { constructor: ConfigError, code: 'invalid_argument' })
  }
})

test('several secrets rotate', () => {
  const old = new Webhook(SECRET)
  const both = new Webhook(['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', SECRET])
  assert.equal(both.verify(BODY, old.sign(BODY)).keyIndex, 1)
  assert.equal(old.verify(BODY, both.sign(BODY)).keyIndex, 0)
  assert.throws(() => new Webhook([]), { constructor: ConfigError, code: 'invalid_secret' })
})

test('a provider is a name or a Provider', () => {
  const provider = Provider.builtin('webkasa')
  const webhook = new Webhook('k'.repeat(32), { provider })
  assert.equal(webhook.provider.id, 'webkasa')
  assert.deepEqual(webhook.headerNames, ['x-webkasa-signature'])
  assert.equal(
    new Webhook('k'.repeat(32), { provider: 'webkasa' }).verify(BODY, webhook.sign(BODY)).keyIndex,
    0,
  )
  assert.throws(() => new Webhook('k', { provider: 'webkassa' }), {
    code: 'unknown_provider',
    message: /webkasa/,
  })
})

test('a url that is signed can be passed', () => {
  const webhook = new Webhook('k'.repeat(32), { provider: 'square' })
  const url = 'https://example.com/hooks'
  const headers = webhook.sign(BODY, { url })
  assert.equal(webhook.verify(BODY, headers, { url, method: 'POST' }).keyIndex, 0)
  assert.equal(webhook.verify(BODY, headers, { url }).payload !== undefined, true)
  assert.throws(() => webhook.verify(BODY, headers, { url: `${url}/` }), { code: 'signature_mismatch' })
  assert.throws(() => webhook.verify(BODY, headers), { constructor: ConfigError, code: 'invalid_argument' })
})

test('a weak or trimmed secret is warned of, once and without showing it', async () => {
  const warnings: (Error & { code?: string })[] = []
  process.on('warning', (warning) => warnings.push(warning))
  new Webhook(' hunter2\n', { provider: 'github' })
  await new Promise(setImmediate)
  assert.deepEqual(
    warnings.map(({ name, code }) => [name, code]),
    [
      ['HooksealWarning', 'trimmed_secret'],
      ['HooksealWarning', 'weak_secret'],
    ],
  )
  for (const { message } of warnings) assert.ok(!message.includes('hunter2'))
})

test('verify is synchronous and works without `this` being anything else', () => {
  const webhook = new Webhook(SECRET)
  const event = webhook.verify(BODY, HEADERS, { now: 1614265330 })
  assert.ok(!(event instanceof Promise))
})
