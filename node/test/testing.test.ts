// The test kit: requests of every kind, and a receiver that records.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ConfigError, DeliveryError, HooksealError, Sender, Webhook } from 'hookseal'
import { Recorder, type SignedRequest, signedRequest } from 'hookseal/testing'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

function verify(webhook: Webhook, { body, headers, url, method, now }: SignedRequest): string | undefined {
  try {
    webhook.verify(body, headers, { url, method, now })
    return undefined
  } catch (error) {
    return (error as HooksealError).code
  }
}

test('every variant is what its name says', () => {
  const request = signedRequest(SECRET, { type: 'user.created', data: { id: 7 }, id: 'msg_1' })
  const webhook = new Webhook(SECRET)
  assert.deepEqual(webhook.verify(request.body, request.headers).data, { id: 7 })
  assert.deepEqual([request.id, request.method, request.expected], ['msg_1', 'POST', undefined])
  const made = Object.entries(request.variants()).map(([name, variant]) => [name, verify(webhook, variant)])
  assert.deepEqual(made, [
    ['duplicate', undefined],
    ['tampered', 'signature_mismatch'],
    ['stale', 'timestamp_too_old'],
    ['future', 'timestamp_too_new'],
    ['wrong_secret', 'signature_mismatch'],
    ['empty_key', 'signature_mismatch'],
    ['unsigned', 'missing_header'],
  ])
  const own = [
    request.duplicate(),
    request.tampered(),
    request.stale(),
    request.future(),
    request.wrongSecret(),
    request.emptyKey(),
    request.unsigned(),
  ]
  assert.deepEqual(
    own.map(({ expected }) => expected),
    made.map(([, code]) => code),
  )
  const old = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
  assert.equal(
    new Webhook([SECRET, old]).verify(request.rotated(old).body, request.rotated(old).headers).keyIndex,
    1,
  )
  assert.equal(verify(webhook, request.rotated(old)), 'signature_mismatch')
})

test("examples of catalogs, bodies as they are, a clock of one's own", async () => {
  const options = { provider: 'webkasa', type: 'booking.created', now: 1767225600 }
  const request = signedRequest('a'.repeat(32), options)
  const event = new Webhook('a'.repeat(32), { provider: 'webkasa' }).verify(request.body, request.headers)
  assert.equal(event.type, 'booking.created')
  assert.deepEqual(request.now, new Date(1767225600_000))
  const slack = signedRequest('a'.repeat(32), { provider: 'slack', body: 'a=b', now: 1767225600 })
  assert.equal(Buffer.from(slack.body).toString(), 'a=b')
  assert.equal(slack.headers['x-slack-request-timestamp'], '1767225600')
  const fetched = signedRequest(SECRET, { url: 'https://example.com/a' }).toRequest()
  assert.equal(new URL(fetched.url).pathname, '/a')
  new Webhook(SECRET).verify(await fetched.arrayBuffer(), fetched.headers)
})

test('mistakes are told', () => {
  const wrong: [unknown, unknown][] = [
    [SECRET, { data: 1n }],
    [SECRET, { provider: 'webkasa', type: 'no.such' }],
    [SECRET, { data: 1, body: '1' }],
    [SECRET, { now: 'today' }],
    [[SECRET, SECRET], {}],
    [undefined, {}],
  ]
  for (const [secret, options] of wrong) {
    assert.throws(() => signedRequest(secret as string, options as object), { constructor: ConfigError })
  }
  assert.throws(() => signedRequest('a'.repeat(32), { provider: 'github' }).stale(), {
    code: 'invalid_argument',
  })
})

test('a recorder records, and answers as it is told', async () => {
  const recorder = new Recorder()
  try {
    recorder.answer(503, { times: 1, headers: { 'retry-after': '1' }, body: 'later' })
    recorder.refuse({ times: 1 })
    recorder.answer(201)
    const post = () =>
      fetch(`${recorder.url}/a?b=c`, { method: 'POST', body: 'abc', headers: { 'x-a': 'b' } })
    const first = await post()
    assert.deepEqual(
      [first.status, first.headers.get('retry-after'), await first.text()],
      [503, '1', 'later'],
    )
    await assert.rejects(post)
    assert.equal((await post()).status, 201)
    const [request, ...others] = await recorder.wait(3)
    assert.equal(others.length, 2)
    assert.deepEqual([request!.method, request!.target], ['POST', '/a?b=c'])
    assert.equal(Buffer.from(request!.body).toString(), 'abc')
    assert.ok(request!.headers.some(([name, value]) => name === 'x-a' && value === 'b'))
    assert.ok(Math.abs(request!.at.getTime() - Date.now()) < 60_000)
    await assert.rejects(recorder.wait(9, { timeout: 0.02 }), { constructor: DeliveryError, code: 'timeout' })
    recorder.clear()
    assert.deepEqual(recorder.requests, [])
    recorder.hang()
    await assert.rejects(fetch(recorder.url, { signal: AbortSignal.timeout(100) }))
    assert.throws(() => recorder.answer(99), { constructor: ConfigError })
    assert.throws(() => recorder.refuse({ delay: -1 }), { constructor: ConfigError })
  } finally {
    recorder.close()
  }
  await assert.rejects(fetch(recorder.url))
})

test('a sender delivers to it', async () => {
  const recorder = new Recorder()
  const sender = new Sender('memory:', { allowHttp: true, allowPrivate: true })
  try {
    const endpoint = await sender.endpoints.create(recorder.url)
    sender.start()
    await sender.send('user.created', { id: 7 })
    const [request] = await recorder.wait()
    const event = new Webhook(endpoint.secret!.expose()).verify(request!.body, request!.headers)
    assert.deepEqual(event.data, { id: 7 })
  } finally {
    await sender.close()
    recorder.close()
  }
})
