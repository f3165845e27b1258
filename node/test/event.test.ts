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
  const text = '{"id":"evt_1","type":"a.b","data":{"n":1}}'
  const body = Buffer.from(text)
  const event = verified(body)
  assert.equal(event.body, body)
  body.write(text.replace('evt_1', 'evt_2').replace('a.b', 'x.y'))
  assert.deepEqual([event.id, event.type], ['evt_1', 'a.b'])
  body.write(text.replace('"n":1', '"n":2'))
  assert.deepEqual([event.data, event.payload], [{ n: 1 }, JSON.parse(text)])
  const given = verified(text)
  given.body.fill(0x20)
  assert.deepEqual([given.type, given.data], ['a.b', { n: 1 }])
})

test('of a large body that was changed nothing is read', () => {
  const text = JSON.stringify({ id: 'evt_1', type: 'a.b', data: 'é'.repeat(20_000) })
  const bodies = [Buffer.from(text), Buffer.from(text), Buffer.from(text)]
  const [before, between, never] = bodies.map(verified)
  bodies[0]!.write('{"id":"evt_2"')
  for (const part of ['id', 'type', 'timestamp', 'tenant', 'data', 'payload'] as const) {
    assert.throws(() => before![part], { constructor: VerificationError, code: 'signature_mismatch' })
  }
  assert.equal(between!.type, 'a.b')
  bodies[1]!.fill(0x20)
  assert.deepEqual([between!.id, between!.payload], ['evt_1', JSON.parse(text)])
  assert.deepEqual(never!.payload, JSON.parse(text))
})

test('bodies of all sizes stay apart', () => {
  const sizes = [0, 1, 100, 4096, 16_300, 16_384, 16_385, 70_000]
  const events = Array.from({ length: 200 }, (_, n) => {
    const data = `${n}`.padEnd(sizes[n % sizes.length]!, 'x')
    return { data, event: verified(JSON.stringify({ id: `evt_${n}`, type: 'é', data })) }
  })
  events.forEach(({ data, event }, n) => {
    assert.deepEqual([event.id, event.type, event.data], [`evt_${n}`, 'é', data])
  })
})

test('what the body does not say the headers may', () => {
  const standard = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const body = '{"type":"a.b","data":{}}'
  const headers = standard.sign(body, { id: 'msg_1', timestamp: 1_700_000_000 })
  const options = { now: 1_700_000_000 }
  for (const [id, more] of [
    ['msg_1', headers],
    ['msg_1', Object.entries(headers).flatMap((pair) => [pair, pair])],
  ] as const) {
    const event = standard.verify(body, more, options)
    assert.deepEqual([event.type, event.id, event.timestamp], ['a.b', id, new Date(1_700_000_000_000)])
  }
  const github = new Webhook('k'.repeat(32), { provider: 'github' })
  const push = github.verify(body, github.sign(body, { id: 'guid', type: 'push' }))
  assert.deepEqual([push.type, push.id, push.timestamp, push.tenant], ['push', 'guid', undefined, undefined])
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
