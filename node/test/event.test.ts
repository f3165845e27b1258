import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Event, Provider, VerificationError, Webhook } from 'hookseal'

const webhook = new Webhook('k'.repeat(32), { provider: 'webkasa' })

function verified(body: string | Uint8Array): Event {
  return webhook.verify(body, webhook.sign(body))
}

test('reads the envelope', () => {
  const body =
    '{"id":"evt_1","type":"booking.created","created_at":"2024-01-15T10:30:00Z","data":{"a":[1,"é"]}}'
  const event = webhook.verify<{ a: unknown[] }>(body, webhook.sign(body))
  assert.equal(event.id, 'evt_1')
  assert.equal(event.type, 'booking.created')
  assert.deepEqual(event.timestamp, new Date('2024-01-15T10:30:00Z'))
  assert.equal(event.tenant, undefined)
  assert.deepEqual(event.data.a, [1, 'é'])
  assert.deepEqual(event.payload, JSON.parse(body))
  assert.equal(event.data, event.data)
  assert.equal(event.keyIndex, 0)
})

test('a body that is not JSON verifies, and says so when it is read', () => {
  const bodies = [
    '',
    'hello',
    '{"a":',
    '\xff',
    Buffer.from([0x22, 0xff, 0x22]),
    '['.repeat(100_000),
    '{"data":NaN}',
  ]
  for (const body of bodies) {
    const event = verified(body)
    assert.equal(event.id, undefined)
    assert.equal(event.type, undefined)
    for (const part of ['data', 'payload'] as const) {
      assert.throws(() => event[part], { constructor: VerificationError, code: 'invalid_payload' })
    }
  }
})

test('a body without data has a payload', () => {
  const event = verified('{"type":"a"}')
  assert.deepEqual(event.payload, { type: 'a' })
  assert.throws(() => event.data, { code: 'invalid_payload', message: /data/ })
})

test('what the body says pollutes nothing', () => {
  const event = verified('{"data":{"__proto__":{"polluted":1}},"__proto__":{"type":"x"}}')
  assert.equal(event.type, undefined)
  assert.equal(({} as { polluted?: number }).polluted, undefined)
  assert.deepEqual(Object.keys(event.data as object), ['__proto__'])
})

test('the body is the caller’s bytes, and what is read from it is what was verified', () => {
  const body = Buffer.from('{"id":"evt_1","data":1}')
  const event = verified(body)
  assert.equal(event.body, body)
  body.fill(0x20)
  assert.throws(() => event.id, { constructor: VerificationError, code: 'signature_mismatch' })
})

test('a provider composes events and examples', () => {
  const provider = Provider.builtin('kakiyo')
  const event = provider.event('linkedin.message.sent', { n: 1 }, { timestamp: 1705314600, tenant: 'team_1' })
  assert.equal(event.type, 'linkedin.message.sent')
  assert.equal(event.tenant, 'team_1')
  assert.deepEqual(event.data, { n: 1 })
  assert.deepEqual(event.payload, {
    event: 'linkedin.message.sent',
    teamId: 'team_1',
    timestamp: '2024-01-15T10:30:00.000Z',
    data: { n: 1 },
  })
  assert.deepEqual(event.timestamp, new Date('2024-01-15T10:30:00Z'))
  const example = provider.example('linkedin.message.sent')
  assert.equal(typeof (example.data as { agentId: string }).agentId, 'string')
  assert.throws(() => provider.example('nothing'), { code: 'invalid_argument' })
})

test('data that JSON cannot hold is refused', () => {
  const provider = Provider.builtin('kakiyo')
  const loop: unknown[] = []
  loop.push(loop)
  for (const data of [loop, 1n, undefined, () => 1, Symbol()]) {
    assert.throws(() => provider.event('a', data), { code: 'invalid_argument', message: /JSON/ })
  }
  for (const data of [null, 0, '', 'é\ud800', [], { a: undefined }]) {
    assert.deepEqual(provider.event('a', data).data, JSON.parse(JSON.stringify(data)))
  }
})
