// The endpoints of an inbox answer the vendors' handshakes, by GET and by POST, and store nothing of them.
import 'reflect-metadata'

import assert from 'node:assert/strict'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'

import { All, Controller, HttpCode, Module, UseInterceptors } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'

import { Inbox, Webhook } from 'hookseal'
import * as onExpress from 'hookseal/express'
import type { EndpointOptions } from 'hookseal/express'
import * as onFastify from 'hookseal/fastify'
import * as onKoa from 'hookseal/koa'
import * as onLambda from 'hookseal/lambda'
import * as onNest from 'hookseal/nest'
import * as onWeb from 'hookseal/web'

type Ask = (
  method: string,
  target: string,
  headers?: Record<string, string>,
  body?: string,
) => Promise<[number, string]>

interface Serving {
  ask: Ask
  close: () => unknown
}

async function serving(server: Server, close: () => unknown = () => server.close()): Promise<Serving> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (method: string, target: string, headers = {}, body?: string) =>
    answer(fetch(`http://127.0.0.1:${port}${target}`, { method, headers, ...(body && { body }) }))
  return { ask, close }
}

async function answer(asked: Promise<Response>): Promise<[number, string]> {
  const response = await asked
  return [response.status, await response.text()]
}

const frameworks: Record<string, (inbox: Inbox, options: EndpointOptions) => Promise<Serving>> = {
  express: (inbox, options) =>
    serving(createServer(express().all('/hooks', onExpress.endpoint(inbox, options)))),
  fastify: async (inbox, options) => {
    const app = fastify()
    await app.register(async (app) => {
      onFastify.rawBodies(app)
      app.all('/hooks', onFastify.endpoint(inbox, options))
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return serving(app.server, () => app.close())
  },
  koa: (inbox, options) => serving(createServer(new Koa().use(onKoa.endpoint(inbox, options)).callback())),
  nest: async (inbox, options) => {
    @Controller('hooks')
    class Hooks {
      @All()
      @HttpCode(200)
      @UseInterceptors(onNest.endpoint(inbox, options))
      receive(): void {}
    }
    @Module({ controllers: [Hooks] })
    class App {}
    const app = await NestFactory.create(App, { rawBody: true, logger: false })
    await app.listen(0, '127.0.0.1')
    return serving(app.getHttpServer() as Server, () => app.close())
  },
  web: async (inbox, options) => {
    const receive = onWeb.endpoint(inbox, options)
    const ask: Ask = (method, target, headers = {}, body) =>
      answer(
        receive(new Request(`https://shop.example${target}`, { method, headers, ...(body && { body }) })),
      )
    return { ask, close: () => {} }
  },
  lambda: async (inbox, options) => {
    const receive = onLambda.endpoint(inbox, options)
    const ask: Ask = async (method, target, headers = {}, body = '') => {
      const [rawPath, rawQueryString = ''] = target.split('?')
      const requestContext = { http: { method } }
      const request = { requestContext, rawPath, rawQueryString, headers, body: btoa(body) }
      const given = await receive({ ...request, isBase64Encoded: true }, {})
      return [given.statusCode, given.body ?? '']
    }
    return { ask, close: () => {} }
  },
}

const secret = '0123456789abcdef0123456789abcdef'
const meta = '/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token='

for (const [name, serve] of Object.entries(frameworks)) {
  void test(`${name} answers questions by GET`, async () => {
    const webhook = new Webhook(secret, { provider: 'meta' })
    await using inbox = new Inbox('memory:', webhook)
    const { ask, close } = await serve(inbox, { verifyToken: 'agreed' })
    try {
      assert.deepEqual(await ask('GET', `${meta}agreed`), [200, '1158201444'])
      assert.equal((await ask('GET', `${meta}guessed`))[0], 401)
      assert.equal((await ask('GET', '/hooks'))[0], 401)
      assert.equal((await inbox.events.list()).items.length, 0)
      const event = '{"object": "page", "entry": []}'
      assert.deepEqual(await ask('POST', '/hooks', webhook.sign(event), event), [200, ''])
      assert.equal((await inbox.events.list()).items.length, 1)
    } finally {
      await close()
    }
  })

  void test(`${name} answers signed questions`, async () => {
    const webhook = new Webhook(secret, { provider: 'slack' })
    await using inbox = new Inbox('memory:', webhook)
    const { ask, close } = await serve(inbox, {})
    try {
      const question = '{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRN"}'
      const answered = await ask('POST', '/hooks', webhook.sign(question), question)
      assert.deepEqual(answered, [200, '3eZbrw1aBm2rZgRN'])
      assert.equal((await ask('POST', '/hooks', {}, question))[0], 401)
      assert.equal((await inbox.events.list()).items.length, 0)
      const event = '{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}'
      assert.deepEqual(await ask('POST', '/hooks', webhook.sign(event), event), [200, ''])
      assert.equal((await inbox.events.list()).items.length, 1)
    } finally {
      await close()
    }
  })
}
