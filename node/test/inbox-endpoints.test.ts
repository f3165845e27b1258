// The endpoints of an inbox, with the real frameworks and real requests where they serve them.
import 'reflect-metadata'

import assert from 'node:assert/strict'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'

import { Controller, HttpCode, Module, Post, UseInterceptors } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'

import { ConfigError, Inbox, Webhook } from 'hookseal'
import * as onExpress from 'hookseal/express'
import * as onFastify from 'hookseal/fastify'
import * as onKoa from 'hookseal/koa'
import * as onLambda from 'hookseal/lambda'
import * as onNest from 'hookseal/nest'
import * as onWeb from 'hookseal/web'

const webhook = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')

interface Answer {
  status: number
  retryAfter: string | null
  body: string
}

interface Serving {
  post: (body: string, headers: Record<string, string>) => Promise<Answer>
  close: () => unknown
}

function request(id: string, data: unknown = {}): [string, Record<string, string>] {
  const body = JSON.stringify({ type: 'thing.made', data })
  return [body, webhook.sign(body, { id })]
}

async function serving(server: Server, close: () => unknown = () => server.close()): Promise<Serving> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    close,
    post: async (body, headers) =>
      answer(await fetch(`http://127.0.0.1:${port}/hooks`, { method: 'POST', body, headers })),
  }
}

async function answer(response: Response): Promise<Answer> {
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: await response.text(),
  }
}

const frameworks: Record<string, (inbox: Inbox) => Promise<Serving>> = {
  express: (inbox) => serving(createServer(express().post('/hooks', onExpress.endpoint(inbox)))),
  fastify: async (inbox) => {
    const app = fastify()
    await app.register(async (app) => {
      onFastify.rawBodies(app)
      app.post('/hooks', onFastify.endpoint(inbox))
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return serving(app.server, () => app.close())
  },
  koa: (inbox) => serving(createServer(new Koa().use(onKoa.endpoint(inbox)).callback())),
  nest: async (inbox) => {
    @Controller('hooks')
    class Hooks {
      @Post()
      @HttpCode(200)
      @UseInterceptors(onNest.endpoint(inbox))
      receive(): void {}
    }
    @Module({ controllers: [Hooks] })
    class App {}
    const app = await NestFactory.create(App, { rawBody: true, logger: false })
    await app.listen(0, '127.0.0.1')
    return serving(app.getHttpServer() as Server, () => app.close())
  },
  web: async (inbox) => {
    const receive = onWeb.endpoint(inbox)
    return {
      close: () => {},
      post: async (body, headers) =>
        answer(await receive(new Request('https://shop.example/hooks', { method: 'POST', body, headers }))),
    }
  },
  lambda: async (inbox) => {
    const receive = onLambda.endpoint(inbox)
    return {
      close: () => {},
      post: async (body, headers) => {
        const requestContext = { http: { method: 'POST' } }
        const given = await receive({ requestContext, headers, body: btoa(body), isBase64Encoded: true }, {})
        return {
          status: given.statusCode,
          retryAfter: (given.headers?.['retry-after'] as string | undefined) ?? null,
          body: given.body ?? '',
        }
      },
    }
  },
}

for (const [name, serve] of Object.entries(frameworks)) {
  void test(`${name} answers from the inbox by itself`, async () => {
    const inbox = new Inbox('memory:', webhook, { maxBody: 1000 })
    const { post, close } = await serve(inbox)
    try {
      const [body, headers] = request('a', { n: 1 })
      const refused = (status: number, code: string, retryAfter: string | null = null) => ({
        status,
        retryAfter,
        body: JSON.stringify({ code }),
      })
      const fine = { status: 200, retryAfter: null, body: '' }
      assert.deepEqual(await post(body, headers), fine)
      assert.deepEqual(await post(body, headers), fine)
      assert.deepEqual(await post(`${body} `, headers), refused(401, 'signature_mismatch'))
      assert.deepEqual(await post(body, {}), refused(401, 'missing_header'))
      assert.deepEqual(await post(...request('b', 'x'.repeat(1000))), refused(413, 'request_too_large'))
      const { items } = await inbox.events.list()
      assert.deepEqual(
        items.map(({ id }) => id),
        ['a'],
      )
      await inbox.close()
      assert.deepEqual(await post(...request('c')), refused(503, 'closed', '10'))
    } finally {
      await close()
    }
  })
}

void test('what was refused is told to the application', async () => {
  const told: string[] = []
  const receive = onWeb.endpoint(new Inbox('memory:', webhook), { onRefused: ({ code }) => told.push(code) })
  await receive(new Request('https://shop.example/', { method: 'POST', body: '{}' }))
  assert.deepEqual(told, ['missing_header'])
  assert.throws(() => onWeb.endpoint(webhook as never), ConfigError)
})
