// Vendors' handshakes: the vectors that all languages share, and every adapter with the real framework.
import 'reflect-metadata'

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { All, Controller, HttpCode, Module, UseInterceptors } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

import {
  type Chosen,
  ConfigError,
  Event,
  HooksealError,
  Provider,
  type ReceiveOptions,
  Secret,
  VerificationError,
  type Verifier,
  type VerifierSource,
  Webhook,
} from 'hookseal'
import * as onExpress from 'hookseal/express'
import * as onFastify from 'hookseal/fastify'
import * as onKoa from 'hookseal/koa'
import * as onLambda from 'hookseal/lambda'
import * as onNest from 'hookseal/nest'
import { signedRequest } from 'hookseal/testing'
import * as onWeb from 'hookseal/web'

interface Case {
  name: string
  provider: string
  secrets: string[]
  headers: [string, string][]
  body: string
  method: string
  url: string | null
  verify_token: string | null
  now: number | null
  expect: string
  body_sent?: string
  json_sent?: unknown
  headers_sent?: [string, string][]
  secret_given?: string
}

const path = join(__dirname, '../../tests/vectors/handshakes.json')
const { handshakes } = JSON.parse(readFileSync(path, 'utf8')) as { handshakes: Case[] }

for (const vector of handshakes) {
  test(`handshake ${vector.name}`, () => {
    const { provider, secrets, headers, body, method, url, verify_token, now } = vector
    const options = {
      method,
      url: url ?? undefined,
      verifyToken: verify_token ?? undefined,
      now: now ?? undefined,
    }
    const asked = secrets.length > 0 ? new Webhook(secrets, { provider }) : Provider.builtin(provider)
    let answer
    try {
      answer = asked.handshake(body, headers, options)
    } catch (error) {
      assert.ok(error instanceof HooksealError)
      assert.equal(error.code, vector.expect)
      return
    }
    assert.equal(answer === undefined ? 'none' : 'answer', vector.expect)
    if (answer === undefined) return
    assert.equal(answer.status, 200)
    assert.deepEqual(Object.entries(answer.headers), vector.headers_sent)
    if (vector.json_sent !== undefined) assert.deepEqual(JSON.parse(answer.body), vector.json_sent)
    if (vector.body_sent !== undefined) assert.equal(answer.body, vector.body_sent)
    assert.equal(answer.secret?.expose(), vector.secret_given)
  })
}

/** What a request is answered with. */
type Ask = (
  method: string,
  target: string,
  headers?: Record<string, string>,
  body?: Uint8Array | string,
) => Promise<Response>
type Make = (source: VerifierSource, options?: ReceiveOptions) => Promise<Ask>

const closing: (() => unknown)[] = []
after(() => Promise.all(closing.map((close) => close())))

const frameworks: Record<string, Make> = {
  express: async (source, options) => {
    const app = express()
    const hook = onExpress.verified(
      source,
      (event, _request, response) => void response.end(event.body),
      options,
    )
    app.all('/hooks', hook)
    app.use(((error, _request, response, _next) => {
      response.status(500).send(String(error.message))
    }) as express.ErrorRequestHandler)
    return await listening(createServer(app))
  },
  fastify: async (source, options) => {
    const app = fastify()
    onFastify.rawBodies(app)
    app.all(
      '/hooks',
      onFastify.verified(source, (event) => Buffer.from(event.body), options),
    )
    closing.push(() => app.close())
    return client(await app.listen({ port: 0, host: '127.0.0.1' }))
  },
  koa: async (source, options) => {
    const app = new Koa()
    app.silent = true
    app.use(async (context, next) => {
      await next().catch((error: Error) => {
        context.status = 500
        context.body = error.message
      })
    })
    app.use(onKoa.verified(source, (event, context) => (context.body = Buffer.from(event.body)), options))
    return await listening(createServer(app.callback()))
  },
  'nest on express': (source, options) => nest(source, options, undefined),
  'nest on fastify': (source, options) => nest(source, options, new FastifyAdapter()),
  web: async (source, options) => {
    const handler = onWeb.verified(source, (event) => new Response(Buffer.from(event.body)), options)
    return ofRequests((request) => handler(request))
  },
  hono: async (source, options) => {
    const handler = onWeb.verified(source, (event) => new Response(Buffer.from(event.body)), options)
    const app = new Hono()
    app.all('/hooks', (context) => handler(context.req.raw))
    app.onError((error) => new Response(error.message, { status: 500 }))
    return ofRequests(async (request) => await app.request(request))
  },
  lambda: async (source, options) => {
    const handler = onLambda.verified(
      source,
      (event) => ({ statusCode: 200, body: Buffer.from(event.body).toString() }),
      options,
    )
    return ofRequests(async (request) => {
      const { pathname, search } = new URL(request.url)
      const answer = await handler(
        {
          rawPath: pathname,
          rawQueryString: search.slice(1),
          headers: Object.fromEntries(request.headers),
          requestContext: { http: { method: request.method } },
          body: Buffer.from(await request.arrayBuffer()).toString('base64'),
          isBase64Encoded: true,
        } as onLambda.LambdaRequest,
        undefined,
      )
      const { statusCode: status, body, headers = {} } = answer as onLambda.LambdaAnswer
      return new Response(body ?? null, { status, headers: headers as Record<string, string> })
    })
  },
}

async function nest(
  source: VerifierSource,
  options: ReceiveOptions | undefined,
  adapter: FastifyAdapter | undefined,
): Promise<Ask> {
  @Controller('hooks')
  class Hooks {
    @All()
    @HttpCode(200)
    @UseInterceptors(onNest.verified(source, options))
    hook(@onNest.VerifiedEvent() event: Event): string {
      return Buffer.from(event.body).toString()
    }
  }
  @Module({ controllers: [Hooks] })
  class App {}
  const settings = { rawBody: true, logger: false } as const
  const app = await (adapter === undefined
    ? NestFactory.create(App, settings)
    : NestFactory.create(App, adapter, settings))
  closing.push(() => app.close())
  await app.listen(0, '127.0.0.1')
  return client(await app.getUrl())
}

async function listening(server: Server): Promise<Ask> {
  closing.push(() => (server.closeAllConnections(), server.close()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

function client(base: string): Ask {
  return (method, target, headers, body) => fetch(base + target, init(method, headers, body))
}

function ofRequests(handler: (request: Request) => Promise<Response>): Ask {
  return async (method, target, headers, body) =>
    await handler(new Request(`http://localhost${target}`, init(method, headers, body))).catch(
      (error: Error) => new Response(error.message, { status: 500 }),
    )
}

function init(
  method: string,
  headers: Record<string, string> = {},
  body: Uint8Array | string = '',
): RequestInit {
  const lines = new Headers(headers)
  if (method !== 'POST') return { method, headers: lines }
  lines.set('content-type', 'application/json')
  return { method, headers: lines, body: Buffer.from(body) }
}

const KEY = '0123456789abcdef0123456789abcdef'

function signed(provider: string, payload: unknown): { headers: Record<string, string>; body: Uint8Array } {
  const { headers, body } = signedRequest(KEY, { provider, body: JSON.stringify(payload) })
  return { headers: { ...headers }, body }
}

for (const [name, make] of Object.entries(frameworks)) {
  test(`${name}: Slack, Zoom and Twitch`, async () => {
    const slack = await make(new Webhook(KEY, { provider: 'slack' }))
    const question = signed('slack', { type: 'url_verification', challenge: '3eZbrw1aBm2rZgRN' })
    const answer = await slack('POST', '/hooks', question.headers, question.body)
    assert.deepEqual([answer.status, await answer.text()], [200, '3eZbrw1aBm2rZgRN'])
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal((await slack('POST', '/hooks', question.headers, '{}')).status, 401)
    const event = signed('slack', { type: 'event_callback' })
    const passed = await slack('POST', '/hooks', event.headers, event.body)
    assert.equal(await passed.text(), '{"type":"event_callback"}')

    const zoom = await make(new Webhook(KEY, { provider: 'zoom' }))
    const asked = signed('zoom', { event: 'endpoint.url_validation', payload: { plainToken: 'qgg8vlv' } })
    const hashed = await zoom('POST', '/hooks', asked.headers, asked.body)
    assert.match(hashed.headers.get('content-type')!, /^application\/json/)
    const encryptedToken = createHmac('sha256', KEY).update('qgg8vlv').digest('hex')
    assert.deepEqual(await hashed.json(), { plainToken: 'qgg8vlv', encryptedToken })

    const twitch = await make(new Webhook(KEY, { provider: 'twitch' }))
    const challenge = signed('twitch', { challenge: 'pogchamp-kappa-360noscope-vohiyo' })
    challenge.headers['twitch-eventsub-message-type'] = 'webhook_callback_verification'
    const echoed = await twitch('POST', '/hooks', challenge.headers, challenge.body)
    assert.equal(await echoed.text(), 'pogchamp-kappa-360noscope-vohiyo')
  })

  test(`${name}: Meta, X and Trello, who ask with GET and HEAD`, async () => {
    const meta = await make(new Webhook(KEY, { provider: 'meta' }), { verifyToken: 'agreed' })
    const target = '/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token='
    assert.equal(await (await meta('GET', `${target}agreed`)).text(), '1158201444')
    assert.equal((await meta('GET', `${target}guessed`)).status, 401)
    assert.equal((await meta('GET', '/hooks')).status, 401)

    const twitter = await make(new Webhook(KEY, { provider: 'twitter' }))
    const mac = createHmac('sha256', KEY).update('MDQwZjQz').digest('base64')
    const answer = await twitter('GET', '/hooks?crc_token=MDQwZjQz&nonce=x')
    assert.deepEqual(await answer.json(), { response_token: `sha256=${mac}` })
    assert.equal((await twitter('GET', '/hooks?crc_token=%7B%22a%22:1%7D')).status, 400)

    const trello = await make(new Webhook(KEY, { provider: 'trello' }), { url: 'https://example.com/hooks' })
    assert.equal((await trello('HEAD', '/hooks')).status, 200)
  })

  test(`${name}: the first secret is kept, and no other`, async () => {
    const kept: [string, string][] = []
    const choose = async (target: string): Promise<Chosen> => {
      assert.match(target, /^\/hooks/)
      return kept.length > 0 ? new Webhook(kept[0]![0], { provider: 'asana' }) : Provider.builtin('asana')
    }
    const ask = await make(choose, {
      onSecret: (secret, target) => void kept.push([secret.expose(), target]),
    })
    const { headers, body } = signed('asana', { events: [] })
    assert.equal((await ask('POST', '/hooks', headers, body)).status, 401)
    const answer = await ask('POST', '/hooks?x=y', { 'x-hook-secret': KEY }, '{}')
    assert.deepEqual([answer.status, answer.headers.get('x-hook-secret')], [200, KEY])
    assert.deepEqual(kept, [[KEY, '/hooks?x=y']])
    assert.equal((await ask('POST', '/hooks', headers, body)).status, 200)
    assert.equal((await ask('POST', '/hooks', { 'x-hook-secret': 'another-one' }, '{}')).status, 401)
    assert.equal(kept.length, 1)
    const nowhere = await make(Provider.builtin('asana'))
    assert.equal((await nowhere('POST', '/hooks', { 'x-hook-secret': KEY }, '{}')).status, 500)
  })

  test(`${name}: a verifier of one's own`, async () => {
    const verifier: Verifier = {
      verify: async (body, headers, { url, method }) => {
        assert.equal(headers['x-word'], 'du')
        assert.deepEqual([url, method], [undefined, 'POST'])
        if (!Buffer.from(body).toString().endsWith('please"}')) {
          throw new VerificationError('signature_mismatch', 'It lacks the word.')
        }
        return Event.trusted(body, { id: '1' })
      },
      handshake: (body, _headers, asked) => {
        assert.deepEqual(asked, { url: '/hooks?a=b', method: 'POST', verifyToken: 't' })
        const hello = { status: 200, headers: { 'x-hello': 'you' }, body: 'hello' }
        return Buffer.from(body).toString() === '{"a":"hello?"}' ? hello : undefined
      },
    }
    const ask = await make(verifier, { verifyToken: 't' })
    assert.equal(
      await (await ask('POST', '/hooks?a=b', { 'X-Word': 'du' }, '{"a":"this please"}')).text(),
      '{"a":"this please"}',
    )
    assert.equal((await ask('POST', '/hooks?a=b', { 'X-Word': 'du' }, '{"a":"this"}')).status, 401)
    const answer = await ask('POST', '/hooks?a=b', {}, '{"a":"hello?"}')
    assert.deepEqual([answer.headers.get('x-hello'), await answer.text()], ['you', 'hello'])
  })
}

test('trusted events', () => {
  const timestamp = new Date('2026-01-02T00:00:00Z')
  const body = Buffer.from('{"detail": {"data": {"n": 1}}}')
  const facts = { id: '7', type: 'a.b', timestamp, tenant: 't', data: 'detail.data' }
  const event = Event.trusted(body, facts)
  assert.deepEqual([event.id, event.type, event.timestamp, event.tenant], ['7', 'a.b', timestamp, 't'])
  assert.deepEqual(event.data, { n: 1 })
  assert.deepEqual(Buffer.from(event.body), body)
  assert.equal(Event.trusted('x').id, undefined)
  assert.throws(() => Event.trusted('x').data, { constructor: VerificationError })
  assert.throws(() => Event.trusted(body, { data: '' }), { constructor: ConfigError })
})

test('the secret is a secret, and wrong options are told', async () => {
  const answer = Provider.builtin('asana').handshake('', { 'x-hook-secret': KEY })
  assert.ok(answer?.secret instanceof Secret)
  const webhook = new Webhook(KEY, { provider: 'meta' })
  for (const wrong of [{ verifyToken: 1 }, { onSecret: 1 }]) {
    assert.throws(() => onWeb.verified(webhook, () => {}, wrong as never), { constructor: ConfigError })
  }
  const choose = () => 'slack' as never
  const chosen = onWeb.verified(choose, () => {})
  await assert.rejects(() => chosen(new Request('http://localhost')), { message: /Expected a Webhook/ })
})
