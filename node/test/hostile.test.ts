// What strangers send, and what a caller passes by mistake: our errors, in bounded time, and nothing else.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import {
  ConfigError,
  Event,
  HooksealError,
  Provider,
  Secret,
  VerificationError,
  Webhook,
  providers,
} from 'hookseal'

const webhook = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
const signed = webhook.sign('{}')

test('headers of every size and shape', { timeout: 30_000 }, () => {
  const values = [
    'x'.repeat(10_000_000),
    'v1,'.repeat(5_000),
    `v1,${'A'.repeat(44)} `.repeat(300),
    `v1,${'A'.repeat(44)} `.repeat(100_000),
    '\0',
    'v1,\0\0\0',
    'v1,é',
    'v1,€😀',
    '\ud800',
    'v1,' + '\u0130'.repeat(44),
    ',',
    ',,,,',
    ' ',
    '',
    '\t\r\n',
    'é'.repeat(127),
    'é'.repeat(64),
    '😀'.repeat(32),
    'a'.repeat(123),
    'a'.repeat(124),
    'a'.repeat(127),
    'a'.repeat(128),
  ]
  for (const value of values) {
    for (const name of Object.keys(signed)) {
      assert.throws(() => webhook.verify('{}', { ...signed, [name]: value }), VerificationError)
      assert.throws(() => webhook.verify('{}', { ...signed, [name]: [value, value] }), VerificationError)
    }
  }
  const many = Array.from({ length: 50_000 }, (_, n): [string, string] => ['webhook-signature', `v1,${n}`])
  assert.throws(() => webhook.verify('{}', many), VerificationError)
  const long = Array.from({ length: 500_000 }, () => 'v1,')
  assert.throws(
    () =>
      webhook.verify('{}', [
        ['webhook-signature', long],
        ['webhook-signature', long],
      ]),
    VerificationError,
  )
})

test('bodies of every size and shape', () => {
  for (const body of [
    '',
    '\0',
    '\ud800',
    new Uint8Array(20_000_000),
    Buffer.alloc(0),
    Buffer.from([0xff, 0xfe]),
  ]) {
    assert.throws(() => webhook.verify(body, signed), { code: 'signature_mismatch' })
    assert.equal(webhook.verify(body, webhook.sign(body)).keyIndex, 0)
  }
  const detached = new Uint8Array([1, 2, 3])
  structuredClone(detached, { transfer: [detached.buffer] })
  assert.throws(() => webhook.verify(detached, signed), { code: 'signature_mismatch' })
})

test('every provider refuses garbage with our errors', () => {
  for (const provider of providers()) {
    const used = new Webhook(secretFor(provider), { provider })
    for (const value of [
      '',
      'x',
      't=1,v1=',
      'sha256=',
      '\0'.repeat(100),
      'é',
      '=,=,=',
      'x'.repeat(100_000),
    ]) {
      const headers = Object.fromEntries(used.headerNames.map((name) => [name, value]))
      for (const body of ['', '{}', '\0', '{"signature":{"signature":"x"}}']) {
        assert.throws(
          () => used.verify(body, headers, { url: 'https://a.example/' }),
          HooksealError,
          provider.id,
        )
      }
    }
  }
})

test('arguments of wrong types are mistakes of the caller, everywhere', () => {
  const odd = [
    null,
    0,
    NaN,
    true,
    {},
    [[]],
    Symbol(),
    () => 0,
    1n,
    new Date(),
    Object.create(null),
    new Proxy({}, {}),
  ]
  for (const value of odd as never[]) {
    const calls: (() => unknown)[] = [
      () => new Webhook(value),
      () => new Webhook([value]),
      () => new Webhook('k'.repeat(32), { provider: value }),
      () => webhook.verify('{}', signed, { url: value }),
      () => webhook.verify('{}', signed, { method: value }),
      () => webhook.sign('{}', { id: value }),
      () => webhook.sign('{}', { type: value }),
      () => webhook.sign('{}', { url: value }),
      () => webhook.sign('{}', { method: value }),
      () => new Secret(value),
      () => Secret.fromBytes(value),
      () => Secret.generate(value),
      () => Provider.fromToml(value),
      () => Provider.load(value),
      () => Provider.builtin('kakiyo').event(value, {}),
      () => Provider.builtin('kakiyo').event('a', {}, { id: value }),
      () => Provider.builtin('kakiyo').event('a', {}, { tenant: value }),
      () => Provider.builtin('kakiyo').example(value),
    ]
    for (const call of calls)
      assert.throws(call, { constructor: ConfigError, code: 'invalid_argument' }, String(call))
  }
  for (const options of [null, 5, 'x', [], true] as never[]) {
    for (const call of [
      () => new Webhook('k'.repeat(32), options),
      () => webhook.verify('{}', signed, options),
      () => webhook.sign('{}', options),
      () => Provider.builtin('kakiyo').event('a', {}, options),
    ]) {
      assert.throws(call, { constructor: ConfigError, code: 'invalid_argument' }, String(call))
    }
  }
})

test('objects that are not ours are not taken for ours', () => {
  for (const fake of [
    Object.create(Secret.prototype),
    Object.create(Event.prototype),
    Object.create(Webhook.prototype),
  ]) {
    assert.throws(() => new Webhook(fake as never))
  }
  assert.throws(() => Webhook.prototype.verify.call({}, '{}', signed), TypeError)
})

function secretFor(provider: Provider): string | Secret {
  try {
    return Secret.generate(provider)
  } catch {
    // The vendor alone makes its keys: one of its vectors', then.
    const vectors = readFileSync(join(__dirname, `../../tests/vectors/${provider.id}.json`), 'utf8')
    return (JSON.parse(vectors) as { cases: { secrets: string[] }[] }).cases[0]!.secrets[0]!
  }
}
