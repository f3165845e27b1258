// Deliveries to real HTTP servers on this machine.
import assert from 'node:assert/strict'
import { type IncomingMessage, type RequestListener, createServer } from 'node:http'
import { after, test } from 'node:test'
import { rootCertificates } from 'node:tls'

import {
  Client,
  ConfigError,
  type Delivery,
  DeliveryError,
  Endpoint,
  Provider,
  RetryPolicy,
  Webhook,
} from 'hookseal'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const standard = Provider.builtin('standard')
const event = standard.event('invoice.paid', { amount: 1, note: 'é' }, { id: 'msg_1' })
const client = new Client({ allowHttp: true, allowPrivate: true })
const servers: { close(): void; closeAllConnections(): void }[] = []

after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())))

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks?x=1`
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('delivers what the receiver verifies', async () => {
  const webhook = new Webhook(SECRET)
  const received: unknown[] = []
  const url = await serve(async (request, response) => {
    const { id, type, data } = webhook.verify(await read(request), request.headers)
    received.push({
      id,
      type,
      data,
      token: request.headers.authorization,
      method: request.method,
      url: request.url,
    })
    response.writeHead(202, { 'x-answer': 'yes' }).end('thanks')
  })
  const before = Date.now()
  const delivery = await client.deliver(
    new Endpoint(url, SECRET, { headers: { Authorization: 'Bearer t' } }),
    event,
  )
  const data = { amount: 1, note: 'é' }
  const token = 'Bearer t'
  assert.deepEqual(received, [
    { id: 'msg_1', type: 'invoice.paid', data, token, method: 'POST', url: '/hooks?x=1' },
  ])
  assert.equal(delivery.delivered, true)
  assert.equal(delivery.status, 'delivered')
  assert.equal(delivery.disableEndpoint, false)
  assert.equal(delivery.attempts.length, 1)
  const [attempt] = delivery.attempts
  assert.ok(attempt)
  assert.equal(attempt.number, 1)
  assert.equal(attempt.succeeded, true)
  assert.equal(attempt.responseCode, 202)
  assert.equal(attempt.error, undefined)
  assert.equal(attempt.errorCode, undefined)
  assert.equal(Buffer.from(attempt.responseBody).toString(), 'thanks')
  assert.equal(attempt.responseTruncated, false)
  assert.equal(attempt.mixedDns, false)
  assert.ok(attempt.startedAt.getTime() >= before - 1 && attempt.startedAt.getTime() <= Date.now())
  assert.ok(attempt.durationMs > 0 && attempt.durationMs < 10_000)
  assert.equal(new Map(attempt.responseHeaders).get('x-answer'), 'yes')
  const sent = new Map(attempt.requestHeaders)
  assert.equal(sent.get('webhook-id'), 'msg_1')
  assert.equal(sent.get('authorization'), '[redacted]')
})

test('delivers an event that was verified, with the same bytes', async () => {
  const [received, sender] = [[] as Buffer[], new Webhook('k'.repeat(32), { provider: 'webkasa' })]
  const url = await serve(async (request, response) => {
    received.push(await read(request))
    response.end()
  })
  const body = Buffer.from('{"id":"evt_1", "type":"a.b",\n"data":{}}')
  const verified = sender.verify(body, sender.sign(body))
  const endpoint = new Endpoint(url, 'k'.repeat(32), { provider: 'webkasa', allowHttp: true })
  assert.equal((await client.deliver(endpoint, verified)).delivered, true)
  assert.deepEqual(received, [body])
})

test('retries and tells of every attempt', async () => {
  let requests = 0
  const url = await serve((request, response) => {
    request.resume()
    response.writeHead([500, 503, 204][requests++] ?? 204).end()
  })
  const retry = new RetryPolicy([0.01, 0.01, 0.01])
  const delivery = await client.deliver(new Endpoint(url, SECRET, { retry }), event)
  assert.deepEqual(codes(delivery), [500, 503, 204])
  assert.equal(delivery.delivered, true)
})

test('failures of attempts are told, not thrown', async () => {
  const gone = await serve((_, response) => response.writeHead(410).end())
  const slow = await serve(() => undefined)
  const retry = new RetryPolicy([])
  const refused = new Endpoint('http://127.0.0.1:1/', SECRET, { retry })
  const [byGone, bySlow, byRefused] = await Promise.all([
    client.deliver(new Endpoint(gone, SECRET), event),
    client.deliver(new Endpoint(slow, SECRET, { timeout: 0.2, retry }), event),
    client.deliver(refused, event),
  ])
  assert.deepEqual([byGone.status, byGone.disableEndpoint, codes(byGone)], ['failed', true, [410]])
  assert.deepEqual([bySlow.status, codes(bySlow)], ['failed', [undefined]])
  assert.equal(bySlow.attempts[0]?.errorCode, 'timeout')
  assert.ok(bySlow.attempts[0]?.error instanceof DeliveryError)
  assert.equal(byRefused.attempts[0]?.errorCode, 'connect_failed')
  assert.equal(byRefused.attempts[0]?.succeeded, false)
})

test('what cannot be sent is thrown', async () => {
  const careful = new Client()
  const http = new Endpoint('http://example.com/', SECRET)
  await assert.rejects(careful.deliver(http, event), { constructor: ConfigError, code: 'invalid_url' })
  const metadata = new Endpoint('https://169.254.169.254/', SECRET)
  await assert.rejects(careful.deliver(metadata, event), {
    constructor: DeliveryError,
    code: 'blocked_address',
  })
  await assert.rejects(client.deliver(metadata, event), { code: 'blocked_address' })
})

test('an endpoint may allow more than its client', async () => {
  const url = await serve((_, response) => response.end())
  const careful = new Client({ allowPrivate: ['10.0.0.0/8'] })
  const open = new Endpoint(url, SECRET, { allowHttp: true, allowPrivate: ['127.0.0.1'] })
  assert.equal((await careful.deliver(open, event)).delivered, true)
  await assert.rejects(careful.deliver(new Endpoint(url, SECRET, { allowHttp: true }), event), {
    code: 'blocked_address',
  })
})

test('an abort rejects with its reason and stops the work', async () => {
  let closed = () => {}
  const stopped = new Promise<void>((resolve) => (closed = resolve))
  let arrived = () => {}
  const started = new Promise<void>((resolve) => (arrived = resolve))
  const url = await serve((request) => {
    request.on('close', () => closed())
    arrived()
  })
  const controller = new AbortController()
  const delivering = client.deliver(new Endpoint(url, SECRET), event, { signal: controller.signal })
  await started
  controller.abort()
  await assert.rejects(delivering, { name: 'AbortError' })
  await stopped
})

test('an abort ends the waiting between attempts, and one that came before sends nothing', async () => {
  let requests = 0
  const url = await serve((_, response) => (requests++, response.writeHead(500).end()))
  const reason = new Error('enough')
  const controller = new AbortController()
  const delivering = client.deliver(new Endpoint(url, SECRET), event, { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 300)
  await assert.rejects(delivering, reason)
  assert.equal(requests, 1)
  await assert.rejects(client.deliver(new Endpoint(url, SECRET), event, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
  await assert.rejects(
    client.deliver(new Endpoint(url, SECRET), event, { signal: AbortSignal.timeout(100) }),
    {
      name: 'TimeoutError',
    },
  )
  assert.equal(requests, 2)
})

test('a signal is let go when the delivery is over', async () => {
  const url = await serve((_, response) => response.end())
  const controller = new AbortController()
  const { signal } = controller
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
  await client.deliver(new Endpoint(url, SECRET), event, { signal })
  await new Promise(setImmediate)
  assert.equal(listeners, 0)
  controller.abort()
})

test('a hundred at once', async () => {
  const url = await serve((request, response) => (request.resume(), response.end()))
  const endpoint = new Endpoint(url, SECRET)
  const deliveries = await Promise.all(Array.from({ length: 100 }, () => client.deliver(endpoint, event)))
  assert.ok(deliveries.every(({ delivered }) => delivered))
})

test('certificate authorities are PEM, as text or bytes', () => {
  const pem = rootCertificates.slice(0, 2).join('\n')
  for (const caCertificates of [pem, Buffer.from(pem)]) assert.ok(new Client({ caCertificates }))
})

test('wrong arguments are refused', async () => {
  const url = 'https://example.com/'
  const wrong: (() => unknown)[] = [
    () => new Endpoint(5 as never, SECRET),
    () => new Endpoint(url, 5 as never),
    () => new Endpoint(url, SECRET, { provider: 5 as never }),
    () => new Endpoint(url, SECRET, { timeout: '5' as never }),
    () => new Endpoint(url, SECRET, { timeout: NaN }),
    () => new Endpoint(url, SECRET, { allowHttp: 1 as never }),
    () => new Endpoint(url, SECRET, { allowPrivate: 'all' as never }),
    () => new Endpoint(url, SECRET, { allowPrivate: ['not a network'] }),
    () => new Endpoint(url, SECRET, { headers: null as never }),
    () => new Endpoint(url, SECRET, { headers: { 'x-a': 5 as never } }),
    () => new Endpoint(url, SECRET, { headers: { host: 'a' } }),
    () => new Endpoint(url, SECRET, { headers: { 'x-a': 'a\nb' } }),
    () => new Endpoint(url, SECRET, { retry: [1] as never }),
    () => new Client({ allowHttp: 'yes' as never }),
    () => new Client({ allowPrivate: 5 as never }),
    () => new Client({ caCertificates: 'no certificate' }),
    () => new Client({ caCertificates: {} as never }),
    () => new Client(5 as never),
  ]
  for (const call of wrong)
    assert.throws(call, { constructor: ConfigError, code: 'invalid_argument' }, String(call))
  const endpoint = new Endpoint(url, SECRET)
  const rejected: (() => Promise<unknown>)[] = [
    () => client.deliver(null as never, event),
    () => client.deliver(url as never, event),
    () => client.deliver(endpoint, {} as never),
    () => client.deliver(endpoint, 'body' as never),
    () => client.deliver(endpoint, event, { signal: {} as never }),
    () => client.deliver(endpoint, event, null as never),
  ]
  for (const call of rejected)
    await assert.rejects(call, { constructor: ConfigError, code: 'invalid_argument' })
  assert.throws(() => new Endpoint('ftp://example.com/', SECRET), { code: 'invalid_url' })
  assert.throws(() => new Endpoint('https://user:pass@example.com/', SECRET), { code: 'invalid_url' })
  assert.throws(() => new Endpoint(url), { code: 'invalid_secret' })
  assert.equal(new Endpoint(url, undefined, { provider: 'kakiyo' }).url, url)
})

function codes({ attempts }: Delivery): (number | undefined)[] {
  return attempts.map(({ responseCode }) => responseCode)
}
