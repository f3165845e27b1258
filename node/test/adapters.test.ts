// Every adapter, with the real framework, and real requests where it serves them.
import 'reflect-metadata'

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer,
  request as ask,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'

import {
  Body as NestBody,
  Controller,
  HttpCode,
  type INestApplication,
  Module,
  Post,
  type Type,
  UseInterceptors,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { APIGatewayProxyHandler, APIGatewayProxyHandlerV2 } from 'aws-lambda'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

import {
  ConfigError,
  type Event,
  HooksealError,
  Provider,
  type ReceiveOptions,
  VerificationError,
  Webhook,
  errors,
} from 'hookseal'
import * as onExpress from 'hookseal/express'
import * as onFastify from 'hookseal/fastify'
import * as onKoa from 'hookseal/koa'
import * as onLambda from 'hookseal/lambda'
import * as onNest from 'hookseal/nest'
import { signedRequest } from 'hookseal/testing'
import * as onWeb from 'hookseal/web'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook = new Webhook(SECRET)
/** Whoever parses this and writes it again has other bytes. */
const ODD = Buffer.from('{ "type":"a",\n\t"z":1, "a": "Grüße 🪝 \\u00fc" , "data" : {"n": 1.0}}\r\n')
const LIMIT = 1000
const FORGED = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

interface Answer {
  status: number
  body: Buffer
}

type Headers = [name: string, value: string][]
/** Sends a request; one that is chunked has no content-length. */
type Send = (body: Uint8Array, headers: Headers, chunked?: boolean) => Promise<Answer>
/** Serves one route that answers with the raw body, having read the data. */
type Make = (webhook: Webhook, options?: ReceiveOptions) => Promise<Send>

const closing: (() => unknown)[] = []
after(() => Promise.all(closing.map((close) => close())))

const frameworks: Record<string, Make> = {
  express: async (webhook, options) => {
    const app = express()
    app.post('/hooks', onExpress.verified(webhook, answer, options))
    return await listening(createServer(app))
    function answer(event: Event, request: express.Request, response: express.Response): void {
      assert.equal(request.path, '/hooks')
      response.send(answered(event))
    }
  },
  'express behind express.raw': async (webhook, options) => {
    const app = express()
    app.use(express.raw({ type: () => true, limit: '4mb' }))
    app.post(
      '/hooks',
      onExpress.verified(
        webhook,
        (event, _request, response) => void response.send(answered(event)),
        options,
      ),
    )
    return await listening(createServer(app))
  },
  'express behind express.json that keeps the raw body': async (webhook, options) => {
    const app = express()
    app.use(express.json({ verify: onExpress.keepRawBody, limit: '4mb', strict: false }))
    app.use(((error, request, _response, next) => {
      // What is no JSON is no concern of the parser here.
      ;(request as { rawBody?: Buffer }).rawBody === undefined ? next(error) : next()
    }) as express.ErrorRequestHandler)
    app.post(
      '/hooks',
      onExpress.verified(
        webhook,
        (event, _request, response) => void response.send(answered(event)),
        options,
      ),
    )
    return await listening(createServer(app))
  },
  fastify: async (webhook, options) => {
    const app = fastify()
    app.register(async (hooks) => {
      onFastify.rawBodies(hooks)
      hooks.post(
        '/hooks',
        onFastify.verified(webhook, (event) => answered(event), options),
      )
    })
    closing.push(() => app.close())
    await app.listen({ port: 0, host: '127.0.0.1' })
    return client(app.server.address() as AddressInfo)
  },
  koa: async (webhook, options) => {
    const app = new Koa()
    const hook = onKoa.verified(
      webhook,
      (event, context: Koa.Context) => (context.body = answered(event)),
      options,
    )
    app.use((context, next) => (context.path === '/hooks' ? hook(context, next) : next()))
    return await listening(createServer(app.callback()))
  },
  'nest on express': async (webhook, options) => {
    const app = await NestFactory.create(nest(webhook, options), { rawBody: true, logger: false })
    ;(app as unknown as { useBodyParser(type: string, options: object): void }).useBodyParser('json', {
      limit: '4mb',
    })
    return await started(app)
  },
  'nest on fastify': async (webhook, options) => {
    const adapter = new FastifyAdapter({ bodyLimit: 4 * 1024 * 1024 })
    return await started(
      await NestFactory.create(nest(webhook, options), adapter, { rawBody: true, logger: false }),
    )
  },
  web: async (webhook, options) => {
    const handler = onWeb.verified(webhook, (event) => new Response(answered(event)), options)
    return async (body, headers, chunked) => await toAnswer(await handler(request(body, headers, chunked)))
  },
  hono: async (webhook, options) => {
    const app = new Hono()
    const handler = onWeb.verified(
      webhook,
      (event, _request, status: 200) => new Response(answered(event), { status }),
      options,
    )
    app.post('/hooks', (context) => handler(context.req.raw, 200))
    app.onError((error) => {
      throw error
    })
    return async (body, headers, chunked) =>
      await toAnswer(await app.request(request(body, headers, chunked)))
  },
  'lambda, format 2': async (webhook, options) => {
    const handler = lambda(webhook, options)
    return async (body, headers) =>
      fromLambda(
        await handler(
          {
            version: '2.0',
            rawPath: '/hooks',
            rawQueryString: 'a=b',
            headers: Object.fromEntries(new globalThis.Headers(headers)),
            requestContext: { http: { method: 'POST', path: '/hooks' } },
            body: Buffer.from(body).toString('base64'),
            isBase64Encoded: true,
          } as never,
          'context',
        ),
      )
  },
  'lambda, format 1': async (webhook, options) => {
    const handler = lambda(webhook, options)
    return async (body, headers) => {
      const lists: Record<string, string[]> = {}
      for (const [name, value] of headers) (lists[name] ??= []).push(value)
      return fromLambda(
        await handler(
          {
            httpMethod: 'POST',
            path: '/hooks',
            requestContext: { path: '/hooks' },
            multiValueQueryStringParameters: { a: ['b'] },
            headers: Object.fromEntries(headers),
            multiValueHeaders: lists,
            body: Buffer.from(body).toString('base64'),
            isBase64Encoded: true,
          } as never,
          'context',
        ),
      )
    }
  },
}

function answered(event: Event): Buffer {
  assert.notEqual(event.data, undefined)
  return Buffer.from(event.body)
}

function nest(webhook: Webhook, options?: ReceiveOptions): Type {
  @Controller('hooks')
  class Hooks {
    @Post()
    @HttpCode(200)
    @UseInterceptors(onNest.verified(webhook, options))
    hook(@onNest.VerifiedEvent() event: Event, @NestBody() _parsed: unknown): string {
      return answered(event).toString('latin1')
    }
  }
  @Module({ controllers: [Hooks] })
  class App {}
  return App
}

async function started(app: INestApplication): Promise<Send> {
  closing.push(() => app.close())
  await app.listen(0, '127.0.0.1')
  const send = client(app.getHttpServer().address() as AddressInfo)
  return async (...sent) => {
    const { status, body } = await send(...sent)
    return { status, body: status === 200 ? Buffer.from(body.toString(), 'latin1') : body }
  }
}

function lambda(webhook: Webhook, options?: ReceiveOptions) {
  return onLambda.verified(
    webhook,
    (event, _request: onLambda.LambdaRequest, context: string) => {
      assert.equal(context, 'context')
      return { statusCode: 200, body: answered(event).toString('base64') }
    },
    options,
  )
}

function fromLambda({ statusCode, body }: onLambda.LambdaAnswer): Answer {
  return { status: statusCode, body: Buffer.from(body ?? '', statusCode === 200 ? 'base64' : 'utf8') }
}

function request(body: Uint8Array, headers: Headers, chunked = false): Request {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 7) controller.enqueue(body.subarray(at, at + 7))
        controller.close()
      },
    })
  const lines: Headers = chunked ? headers : [...headers, ['content-length', String(body.length)]]
  const init = { method: 'POST', headers: lines, body: chunked ? stream() : body, duplex: 'half' }
  return new Request('http://localhost/hooks?a=b', init as RequestInit)
}

async function toAnswer(response: Response): Promise<Answer> {
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}

async function listening(server: Server): Promise<Send> {
  closing.push(() => (server.closeAllConnections(), server.close()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return client(server.address() as AddressInfo)
}

/** Where the server listens that was started last. */
let lastAddress: AddressInfo | undefined

function client(address: AddressInfo): Send {
  const { port } = (lastAddress = address)
  return async (body, headers, chunked = false) =>
    await new Promise((resolve, reject) => {
      const lines: OutgoingHttpHeaders = {}
      for (const [name, value] of headers) lines[name] = [...[lines[name] ?? []].flat(), value].map(String)
      if (!chunked) lines['content-length'] = body.length
      const sent = ask({
        port,
        host: '127.0.0.1',
        path: '/hooks?a=b',
        method: 'POST',
        headers: lines,
        agent: false,
      })
      sent.on('error', reject).on('response', async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        resolve({ status: response.statusCode!, body: Buffer.concat(chunks) })
      })
      if (chunked) for (let at = 0; at < body.length; at += 97) sent.write(body.subarray(at, at + 97))
      else sent.write(body)
      sent.end()
    })
}

function signed(body: Uint8Array = ODD, options?: { timestamp?: number }): Headers {
  return [...Object.entries(webhook.sign(body, options)), ['content-type', 'application/json']]
}

function without(name: string, headers: Headers): Headers {
  return headers.filter(([known]) => known !== name)
}

const shared = JSON.parse(readFileSync(join(__dirname, '../../tests/errors.json'), 'utf8')) as {
  errors: { code: string; status: number }[]
}

/** The code that a refusal tells, and that it tells no more. */
function code({ status, body }: Answer, expected: number): string {
  assert.equal(status, expected, body.toString())
  const told = JSON.parse(body.toString()) as { code: string }
  assert.deepEqual(Object.keys(told), ['code'])
  assert.equal(shared.errors.find((row) => row.code === told.code)?.status, status)
  return told.code
}

test('the statuses are those of every language', () => {
  for (const { code, status } of shared.errors) {
    assert.equal(new HooksealError(code as keyof typeof errors, '').httpStatus, status)
  }
})

for (const [name, make] of Object.entries(frameworks)) {
  // API Gateway gives every body a length.
  const canChunk = !name.startsWith('lambda')

  test(`${name}: the raw bytes are what is verified`, async () => {
    const send = await make(webhook)
    assert.deepEqual(await send(ODD, signed()), { status: 200, body: ODD })
    const again = Buffer.from(JSON.stringify(JSON.parse(ODD.toString())))
    assert.equal(code(await send(again, signed()), 401), 'signature_mismatch')
    if (canChunk) assert.deepEqual(await send(ODD, signed(), true), { status: 200, body: ODD })
  })

  test(`${name}: in development the log explains, and the peer sees nothing`, async (context) => {
    const warn = context.mock.method(console, 'warn', () => {})
    const send = await make(new Webhook(SECRET, { explainFailures: true }))
    const compact = Buffer.from('{"type":"a"}')
    const spaced = Buffer.from('{"type": "a"}')
    assert.equal(code(await send(spaced, signed(compact)), 401), 'signature_mismatch')
    const logged = warn.mock.calls.map((call) => String(call.arguments[0])).join()
    assert.match(logged, /^hookseal: refused: signature_mismatch[^]*body_reserialized/)
    assert.match(logged, /hookseal\/(express|fastify|koa)|rawBody|isBase64Encoded|arrayBuffer/)
    const quiet = await make(webhook)
    assert.equal((await quiet(spaced, signed(compact))).status, 401)
    assert.equal(warn.mock.callCount(), 1)
  })

  test(`${name}: whatever type the body claims to have`, async () => {
    const send = await make(webhook)
    // Fastify under Nest knows JSON and forms only.
    const types = name === 'nest on fastify' ? [] : ['text/plain', 'application/octet-stream', 'text/xml']
    for (const type of types) {
      const headers: Headers = [...without('content-type', signed()), ['content-type', type]]
      assert.deepEqual(await send(ODD, headers), { status: 200, body: ODD }, type)
    }
    if (types.length > 0) assert.equal((await send(ODD, without('content-type', signed()))).status, 200)
  })

  test(`${name}: tampered, stale, missing, malformed`, async () => {
    const refused: string[] = []
    const send = await make(webhook, { onRefused: ({ code }) => refused.push(code) })
    assert.equal(
      code(await send(Buffer.concat([ODD, Buffer.from(' ')]), signed()), 401),
      'signature_mismatch',
    )
    const now = Date.now() / 1000
    assert.equal(code(await send(ODD, signed(ODD, { timestamp: now - 1000 })), 401), 'timestamp_too_old')
    assert.equal(code(await send(ODD, signed(ODD, { timestamp: now + 1000 })), 401), 'timestamp_too_new')
    assert.equal(code(await send(ODD, [['content-type', 'application/json']]), 401), 'missing_header')
    const malformed: Headers = [...without('webhook-timestamp', signed()), ['webhook-timestamp', 'now']]
    assert.equal(code(await send(ODD, malformed), 400), 'malformed_timestamp')
    assert.deepEqual(refused, [
      'signature_mismatch',
      'timestamp_too_old',
      'timestamp_too_new',
      'missing_header',
      'malformed_timestamp',
    ])
  })

  test(`${name}: forgeries`, async () => {
    const send = await make(webhook)
    const request = signedRequest(SECRET, { type: 'a', data: 1 })
    for (const [variant, { body, headers, expected }] of Object.entries(request.variants())) {
      const lines: Headers = Object.entries(headers)
      const answer = await send(body, lines)
      if (expected === undefined) assert.equal(answer.status, 200, variant)
      else assert.equal(code(answer, answer.status), expected, variant)
    }
  })

  test(`${name}: too large`, async () => {
    const send = await make(webhook, { maxBody: LIMIT })
    const exactly = Buffer.from('{"type":"a","data":1}'.padEnd(LIMIT))
    const larger = Buffer.concat([exactly, Buffer.from(' ')])
    for (const chunked of canChunk ? [false, true] : [false]) {
      assert.deepEqual(await send(exactly, signed(exactly), chunked), { status: 200, body: exactly })
      assert.equal(code(await send(larger, signed(larger), chunked), 413), 'request_too_large')
    }
    const byDefault = await make(webhook)
    const mebibyte = Buffer.from('{"type":"a","data":1}'.padEnd(1024 * 1024))
    assert.equal((await byDefault(mebibyte, signed(mebibyte))).status, 200)
    const more = Buffer.concat([mebibyte, Buffer.from(' ')])
    assert.equal(code(await byDefault(more, signed(more)), 413), 'request_too_large')
  })

  test(`${name}: headers twice`, async () => {
    const send = await make(webhook)
    const unsigned = without('webhook-signature', signed())
    const forged: Headers = [
      ['webhook-signature', FORGED],
      ['webhook-signature', FORGED.replace('g', 'h')],
    ]
    const refused = await send(ODD, [...unsigned, ...forged])
    assert.ok(['malformed_header', 'signature_mismatch'].includes(code(refused, refused.status)))
    for (const name of ['webhook-id', 'webhook-timestamp']) {
      const twice = await send(ODD, [...signed(), [name, '1614265330']])
      const codes = ['malformed_header', 'malformed_timestamp', 'signature_mismatch']
      assert.ok(codes.includes(code(twice, twice.status)))
    }
  })

  test(`${name}: a body that is not UTF-8, and an empty one`, async () => {
    const send = await make(webhook)
    // The body parser that runs before takes it for JSON, and refuses it itself.
    if (name === 'nest on express' || name === 'nest on fastify') return
    const body = Buffer.from([0xff, 0xfe, 0x00])
    assert.equal(code(await send(body, signed(body)), 400), 'invalid_payload')
    const empty = Buffer.alloc(0)
    assert.equal(code(await send(empty, signed(empty)), 400), 'invalid_payload')
  })

  test(`${name}: schemes that sign the url and the method`, async () => {
    const form = Buffer.from('b=2&a=1')
    const twilio = new Webhook('a'.repeat(32), { provider: 'twilio' })
    const headers: Headers = [
      ...Object.entries(twilio.sign(form, { url: 'https://example.com/hooks?a=b' })),
      ['content-type', 'application/x-www-form-urlencoded'],
    ]
    for (const url of ['https://example.com', 'https://example.com/hooks']) {
      // The form is no JSON, of which the handler wants to read: that it comes so far says that it was verified.
      const send = await make(twilio, { url })
      assert.equal(code(await send(form, headers), 400), 'invalid_payload')
    }
    const other = await make(twilio, { url: 'https://example.org' })
    assert.equal(code(await other(form, headers), 401), 'signature_mismatch')
    const own = new Webhook('a'.repeat(32), { provider: Provider.fromToml(SIGNS_THE_METHOD) })
    const json: Headers = [['content-type', 'application/json']]
    const send = await make(own)
    const [post, put] = ['POST', 'PUT'].map((method) => Object.entries(own.sign(ODD, { method })))
    assert.equal((await send(ODD, [...json, ...post!])).status, 200)
    assert.equal((await send(ODD, [...json, ...put!])).status, 401)
  })

  test(`${name}: wrong options`, async () => {
    for (const wrong of [{ maxBody: -1 }, { maxBody: '1' }, { url: 1 }, { onRefused: 1 }, null]) {
      await assert.rejects(() => make(webhook, wrong as never), { constructor: ConfigError })
    }
    await assert.rejects(() => make(SECRET as never), {
      constructor: ConfigError,
      message: /verified\(webhook/,
    })
  })
}

const SIGNS_THE_METHOD = `
id = "own"
name = "Own"
sources = []
confidence = "own"
[signature]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{method}{body}"
key = { encoding = "utf8" }
`

test('a url is not taken from the request', async () => {
  const twilio = new Webhook('a'.repeat(32), { provider: 'twilio' })
  const form = Buffer.from('a=1')
  const headers = Object.entries(twilio.sign(form, { url: 'http://localhost/hooks?a=b' }))
  const handler = onWeb.verified(twilio, () => assert.fail('it was let through'))
  await assert.rejects(() => handler(request(form, headers)), {
    code: 'invalid_argument',
    message: /signs the url/,
  })
})

test('a limit holds while an endless body is read', async () => {
  let pulled = 0
  const body = new ReadableStream({
    pull(controller) {
      pulled += 100
      controller.enqueue(new Uint8Array(100))
    },
  })
  const handler = onWeb.verified(webhook, () => assert.fail('it was let through'), { maxBody: LIMIT })
  const endless = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  assert.equal((await handler(endless)).status, 413)
  assert.ok(pulled < 2 * LIMIT)
})

for (const name of ['express', 'koa', 'fastify', 'nest on express'] as const) {
  test(`${name}: an endless body is answered while it comes`, async () => {
    const { port } = await portOf(name)
    const socket = connect(port, '127.0.0.1')
    // Without a type, which no body parser takes.
    socket.write(
      'POST /hooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-type: text/xml\r\n\r\n',
    )
    const writing = setInterval(() => socket.write(`64\r\n${'x'.repeat(100)}\r\n`), 1)
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    )
    clearInterval(writing)
    socket.destroy()
    assert.match(answer, /^HTTP\/1.1 413 /)
    assert.match(answer, /{"code":"request_too_large"}/)
  })

  test(`${name}: a peer that goes away does no harm`, async () => {
    const refused: string[] = []
    const { port } = await portOf(name, (error) => refused.push(error.code))
    const head = 'POST /hooks HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\ncontent-type: text/xml\r\n\r\n'
    // A server that is slow may never see one that left at once, so there are several of them.
    for (let nth = 0; nth < 50 && refused.length === 0; nth++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.write(`${head}x`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      socket.destroy()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.equal(refused[0], 'invalid_payload')
  })
}

/** The port of a server of this framework. */
async function portOf(
  name: string,
  onRefused: (error: VerificationError) => void = () => {},
): Promise<AddressInfo> {
  await frameworks[name]!(webhook, { maxBody: LIMIT, onRefused })
  return lastAddress!
}

test('express behind express.json says what to do', async () => {
  const app = express()
  app.use(express.json())
  app.post(
    '/hooks',
    onExpress.verified(webhook, () => assert.fail('it was let through')),
  )
  let caught: unknown
  app.use(((error, _request, response, _next) => {
    caught = error
    response.sendStatus(500)
  }) as express.ErrorRequestHandler)
  const send = await listening(createServer(app))
  assert.equal((await send(ODD, signed())).status, 500)
  assert.ok(caught instanceof ConfigError)
  assert.match(caught.message, /before `express\.json\(\)`.*keepRawBody/)
})

test('express: errors of the handler go to the application', async () => {
  const app = express()
  for (const fail of [() => Promise.reject(new Error('late')), () => assert.fail('late')]) {
    app.post('/hooks', onExpress.verified(webhook, fail))
  }
  app.use(((error, _request, response, _next) => {
    response.status(418).send(String(error.message))
  }) as express.ErrorRequestHandler)
  const send = await listening(createServer(app))
  assert.deepEqual(await send(ODD, signed()), { status: 418, body: Buffer.from('late') })
})

test('express: mounted, and for API routes without `next`', async () => {
  const twilio = new Webhook('a'.repeat(32), { provider: 'twilio' })
  const router = express.Router()
  router.post(
    '/',
    onExpress.verified(twilio, (_event, _request, response) => void response.sendStatus(204), {
      url: 'https://example.com',
    }),
  )
  const send = await listening(createServer(express().use('/hooks', router)))
  const headers = Object.entries(twilio.sign('', { url: 'https://example.com/hooks?a=b' }))
  assert.equal((await send(Buffer.alloc(0), headers)).status, 204)

  const plain = onExpress.verified<IncomingMessage, ServerResponse>(
    webhook,
    (_event, _request, response) => void response.end('ok'),
  )
  const next = undefined as never
  const sendPlain = await listening(createServer((request, response) => plain(request, response, next)))
  assert.equal((await sendPlain(ODD, signed())).status, 200)
  assert.equal((await sendPlain(ODD, [])).status, 401)
})

test('fastify without rawBodies says what to do', async () => {
  const app = fastify()
  app.post(
    '/hooks',
    onFastify.verified(webhook, () => assert.fail('it was let through')),
  )
  let caught: unknown
  app.setErrorHandler((error, _request, reply) => {
    caught = error
    reply.code(500).send()
  })
  await app.inject({ method: 'POST', url: '/hooks', headers: Object.fromEntries(signed()), payload: ODD })
  assert.ok(caught instanceof ConfigError)
  assert.match(caught.message, /rawBodies/)
})

test('fastify: rawBodies leaves other routes alone, and nothing is an answer', async () => {
  const app = fastify()
  app.register(async (hooks) => {
    onFastify.rawBodies(hooks)
    hooks.post(
      '/hooks',
      onFastify.verified(webhook, async () => {}),
    )
    hooks.post(
      '/replied',
      onFastify.verified(webhook, (_event, _request, reply: import('fastify').FastifyReply) =>
        reply.code(202).send('x'),
      ),
    )
  })
  app.post('/json', (request) => request.body)
  const post = async (url: string) => {
    const headers = Object.fromEntries(signed())
    return await app.inject({ method: 'POST', url, headers, payload: ODD })
  }
  assert.deepEqual((await post('/json')).json(), JSON.parse(ODD.toString()))
  assert.equal((await post('/hooks')).statusCode, 200)
  assert.equal((await post('/replied')).statusCode, 202)
})

test('koa behind a body parser says what to do, and takes raw bytes that were kept', async () => {
  for (const kept of [true, false]) {
    const app = new Koa()
    app.silent = true
    let caught: unknown
    app.on('error', (error) => (caught = error))
    app.use(async (context, next) => {
      const chunks: Buffer[] = []
      for await (const chunk of context.req) chunks.push(chunk as Buffer)
      const request = context.request as { rawBody?: unknown; body?: unknown }
      request.rawBody = kept ? Buffer.concat(chunks) : String(Buffer.concat(chunks))
      request.body = JSON.parse(String(Buffer.concat(chunks)))
      await next()
    })
    app.use(onKoa.verified(webhook, () => {}))
    app.on('error', (error) => (caught = error))
    const { status } = await (await listening(createServer(app.callback())))(ODD, signed())
    assert.equal(status, kept ? 200 : 500)
    if (!kept) assert.ok(caught instanceof ConfigError && /before the body parser/.test(caught.message))
  }
})

test('nest without rawBody says what to do', async () => {
  const messages: string[] = []
  const logger = { error: (...said: unknown[]) => messages.push(said.join(' ')), log() {}, warn() {} }
  const app = await NestFactory.create(nest(webhook), { logger })
  const send = await started(app)
  assert.equal((await send(ODD, signed())).status, 500)
  assert.match(messages.join('\n'), /rawBody: true/)
})

test('nest: an event that nobody verified', async () => {
  @Controller('hooks')
  class Hooks {
    @Post()
    hook(@onNest.VerifiedEvent() _event: Event): void {
      assert.fail('it was let through')
    }
  }
  @Module({ controllers: [Hooks] })
  class App {}
  const send = await started(await NestFactory.create(App, { logger: false, rawBody: true }))
  assert.equal((await send(ODD, signed())).status, 500)
})

test('nest: what the route throws is its own', async () => {
  @Controller('hooks')
  class Hooks {
    @Post()
    @UseInterceptors(onNest.verified(webhook))
    hook(): void {
      throw new VerificationError('invalid_payload', 'of no use')
    }
  }
  @Module({ controllers: [Hooks] })
  class App {}
  const send = await started(await NestFactory.create(App, { logger: false, rawBody: true }))
  assert.equal(code(await send(ODD, signed()), 400), 'invalid_payload')
})

test('web: a body that is gone, and nothing as an answer', async () => {
  const handler = onWeb.verified(webhook, () => {})
  const read = request(ODD, signed())
  await read.text()
  await assert.rejects(() => handler(read), { constructor: ConfigError, message: /request\.clone/ })
  assert.equal((await handler(request(ODD, signed()))).status, 200)
  const empty = new Request('http://localhost', { method: 'POST' })
  assert.equal(code(await toAnswer(await handler(empty)), 401), 'missing_header')
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
  const init = { method: 'POST', body: broken, duplex: 'half' } as RequestInit
  const answer = await toAnswer(await handler(new Request('http://localhost', init)))
  assert.equal(code(answer, 400), 'invalid_payload')
})

test('lambda: odd requests', async () => {
  const handler = onLambda.verified(webhook, () => {})
  const headers = Object.fromEntries(signed())
  const usual = { requestContext: {}, headers, body: ODD.toString() }
  assert.deepEqual(await handler(usual, undefined), { statusCode: 200 })
  const statuses = [{ body: null }, { headers: null }, { body: '!', isBase64Encoded: true }].map(
    async (more) => (await handler({ ...usual, ...more } as never, undefined)).statusCode,
  )
  assert.deepEqual(await Promise.all(statuses), [401, 401, 400])
  for (const wrong of [undefined, null, {}, { Records: [] }]) {
    await assert.rejects(() => handler(wrong as never, undefined), { message: /no HTTP request/ })
  }
  await assert.rejects(() => handler({ ...usual, body: {} } as never, undefined), { message: /parsed/ })
})

test('lambda: the query of a load balancer', async () => {
  const twilio = new Webhook('a'.repeat(32), { provider: 'twilio' })
  const handler = onLambda.verified(twilio, () => {}, { url: 'https://example.com' })
  const answer = await handler(
    {
      requestContext: { elb: {} },
      path: '/hooks',
      httpMethod: 'POST',
      queryStringParameters: { a: '%C3%A9', b: '1' },
      headers: twilio.sign('', { url: 'https://example.com/hooks?a=%C3%A9&b=1' }),
      body: '',
    } as never,
    undefined,
  )
  assert.deepEqual(answer, { statusCode: 200 })
})

test('handlers fit the types of their frameworks', () => {
  // Only compiled.
  const never = () => {
    const format1: APIGatewayProxyHandler = onLambda.verified(webhook, (event, request, context) => ({
      statusCode: 200,
      body: event.id! + request.httpMethod + context.awsRequestId,
    })) as APIGatewayProxyHandler
    const format2: APIGatewayProxyHandlerV2 = onLambda.verified(webhook, () => {})
    express().post(
      '/',
      onExpress.verified(webhook, (event, request, response, next) => {
        response.json({ id: event.id, type: request.get('content-type') })
        next()
      }),
    )
    fastify().post(
      '/',
      onFastify.verified(webhook, (event, request, reply) => reply.send([event.id, request.id])),
    )
    new Koa().use(onKoa.verified(webhook, (event, context, next) => ((context.body = event.id), next())))
    return [format1, format2]
  }
  assert.equal(typeof never, 'function')
})
