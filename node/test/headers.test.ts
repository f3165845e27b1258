import assert from 'node:assert/strict'
import { type IncomingMessage, createServer } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'

import { ConfigError, type RequestHeaders, VerificationError, Webhook } from 'hookseal'

const webhook = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
const body = '{"type":"a"}'
const signed = webhook.sign(body, { id: 'msg_1' })
const lines = Object.entries({ host: 'example.com', accept: '*/*', ...signed })

function upper(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
}

test('headers come in every form that frameworks have', () => {
  const shouted = lines.map(([name, value]): [string, string] => [name.toUpperCase(), value])
  const forms: Record<string, RequestHeaders> = {
    object: Object.fromEntries(lines),
    'object in another case': Object.fromEntries(lines.map(([name, value]) => [upper(name), value])),
    'object without prototype': Object.assign(Object.create(null), signed),
    'object of arrays': Object.fromEntries(lines.map(([name, value]) => [name, [value]])),
    'object with holes': { ...signed, other: undefined },
    Headers: new Headers(lines),
    Map: new Map(lines),
    'Map in another case': new Map(shouted),
    pairs: shouted,
    rawHeaders: shouted.flat(),
    entries: new Headers(lines).entries(),
  }
  for (const [form, headers] of Object.entries(forms)) {
    assert.equal(webhook.verify(body, headers).id, 'msg_1', form)
  }
})

test('a header that was sent twice with different values is refused in every form', () => {
  const id = 'webhook-id'
  const forms: Record<string, RequestHeaders> = {
    pairs: [...Object.entries(signed), ['Webhook-Id', 'msg_2']],
    arrays: { ...signed, [id]: ['msg_1', 'msg_2'] },
    'two cases': { ...signed, 'Webhook-Id': 'msg_2' },
    'two cases and arrays': { ...signed, 'Webhook-Id': ['msg_2'] },
    rawHeaders: [...Object.entries(signed).flat(), 'WEBHOOK-ID', 'msg_2'],
  }
  for (const [form, headers] of Object.entries(forms)) {
    assert.throws(() => webhook.verify(body, headers), { code: 'malformed_header' }, form)
  }
  assert.equal(webhook.verify(body, { ...signed, 'Webhook-Id': 'msg_1' }).id, 'msg_1')
})

test('inherited headers and look-alike names do not count', () => {
  const inherited = Object.assign(Object.create(signed), { host: 'example.com' })
  assert.throws(() => webhook.verify(body, inherited), { code: 'missing_header' })
  const kelvin = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace('k', '\u212a'), value]),
  )
  assert.throws(() => webhook.verify(body, kelvin), { code: 'missing_header' })
})

test('what is no headers is refused, with the way out for a whole request', () => {
  for (const wrong of [null, undefined, 5, 'webhook-id: 1', true, Symbol(), () => signed, 1n]) {
    assert.throws(() => webhook.verify(body, wrong as never), {
      constructor: ConfigError,
      code: 'invalid_argument',
    })
  }
  const requests = [
    new Request('http://a.example', { headers: signed }),
    { headers: signed, rawHeaders: [], url: '/' },
  ]
  for (const request of requests) {
    assert.throws(() => webhook.verify(body, request as never), {
      code: 'invalid_argument',
      message: /request\.headers/,
    })
  }
})

test('values that are no text are refused, and nothing but our errors is thrown', () => {
  for (const value of [5, {}, [5], [['a']], true, Symbol(), 1n, Buffer.from('a'), () => 'a']) {
    for (const headers of [
      { ...signed, 'webhook-id': value },
      [['webhook-id', value]],
      ['webhook-id', value],
    ]) {
      assert.throws(() => webhook.verify(body, headers as never), {
        constructor: ConfigError,
        code: 'invalid_argument',
      })
    }
  }
  for (const headers of [
    [[5, 'a']],
    [5, 'a'],
    [null],
    ['a', 'b', 5],
    new Map([[5, 'a']]),
    new Set([5]),
    [{}],
  ]) {
    assert.throws(() => webhook.verify(body, headers as never), {
      constructor: ConfigError,
      code: 'invalid_argument',
    })
  }
  for (const headers of [
    {},
    [],
    new Map(),
    new Headers(),
    ['webhook-id'],
    { 'webhook-id': [] },
    [['webhook-id']],
  ]) {
    assert.throws(() => webhook.verify(body, headers as never), {
      constructor: VerificationError,
      code: 'missing_header',
    })
  }
})

test('bytes of a header are what was on the wire', async () => {
  const seen = new Promise<IncomingMessage>((resolve) => {
    const server = createServer((request, response) => {
      resolve(request)
      response.end(() => server.close())
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      const id = Buffer.from('naïve')
      connect(port, '127.0.0.1').end(
        Buffer.concat([
          Buffer.from(`GET / HTTP/1.1\r\nhost: a\r\nx-github-delivery: `),
          id,
          Buffer.from('\r\nconnection: close\r\n\r\n'),
        ]),
      )
    })
  })
  const { headers } = await seen
  const github = new Webhook('k'.repeat(32), { provider: 'github' })
  const event = github.verify('{}', { ...github.sign('{}', { id: 'x' }), ...headers })
  assert.equal(headers['x-github-delivery'], 'naÃ¯ve')
  assert.equal(event.id, 'naïve')
})

test('a line break in a value begins no new line and is not trimmed away', () => {
  const id = `msg_1\nwebhook-timestamp:${signed['webhook-timestamp']}`
  assert.throws(() => webhook.verify(body, { ...signed, 'webhook-id': id }), { code: 'signature_mismatch' })
  assert.throws(() => webhook.verify(body, { ...signed, 'webhook-id': 'msg_1\n' }), {
    code: 'signature_mismatch',
  })
})
