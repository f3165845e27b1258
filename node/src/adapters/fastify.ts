import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { Event } from '../event.js'
import { type EndpointOptions, InboxReceiver } from '../inbox/endpoint.js'
import type { Inbox } from '../inbox.js'
import {
  type RawRequest,
  type ReceiveOptions,
  Receiver,
  type VerifierSource,
  consumed,
  rawOf,
  succeeded,
} from '../receiver.js'
import { readStream, wasRead } from '../stream.js'
import type { EventOf, Webhook } from '../webhook.js'

export type { EndpointOptions, ReceiveOptions }

/** What is needed of Fastify's request, of whatever type its parts are. */
export interface Requesting {
  raw: IncomingMessage
  body: unknown
  originalUrl: string
}

/** What is needed of Fastify's reply, of whatever type its parts are. */
export interface Replying {
  sent: boolean
  statusCode: number
  code(status: number): unknown
  header(name: string, value: string): unknown
  headers(values: Record<string, string>): unknown
  send(payload?: any): unknown
}

/** Leaves the bodies of an instance's routes as they come, whatever their type. Call it in a plugin of its own. */
export function rawBodies(
  app: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}

/**
 * A handler of Fastify for verified requests only; `handler` gets their event before what Fastify gives. If it
 * returns nothing, the answer is 200. The route needs `rawBodies`.
 *
 * What is refused, or not of the shape that the handler reads, is answered with the status and the code of the error.
 */
export function verified<
  Request extends Requesting = FastifyRequest,
  Reply extends Replying = FastifyReply,
  P extends string | Event<any> = string,
>(
  webhook: Webhook<P> | VerifierSource,
  handler: (event: EventOf<P, Event<any>>, request: Request, reply: Reply) => unknown,
  options?: ReceiveOptions,
): (request: Request, reply: Reply) => Promise<any> {
  const receiver = new Receiver(webhook, handler, options, 'fastify')
  return (request, reply) =>
    receiver.receive<unknown>(
      () => read(receiver, request),
      async (event) => {
        const answer = await handler(event, request, reply)
        return answer === undefined && !reply.sent ? reply.send() : answer
      },
      ({ status, headers, body }) => {
        reply.code(status)
        reply.headers({ ...headers })
        return reply.send(body)
      },
      () => succeeded(reply.statusCode),
    )
}

/**
 * A handler of Fastify that receives into an inbox. The route needs `rawBodies`.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint<Request extends Requesting = FastifyRequest, Reply extends Replying = FastifyReply>(
  inbox: Inbox,
  options?: EndpointOptions,
): (request: Request, reply: Reply) => Promise<any> {
  const receiver = new InboxReceiver(inbox, options, 'fastify')
  return async (request, reply) => {
    const { status, headers, body } = await receiver.receive(() => read(receiver.receiver, request))
    reply.code(status)
    reply.headers({ ...headers })
    return reply.send(body)
  }
}

async function read(receiver: Receiver, request: Requesting): Promise<RawRequest> {
  const { raw, body, originalUrl } = request
  const kept = rawOf(body, (request as { rawBody?: unknown }).rawBody)
  const stream = isStream(body) ? body : raw
  if (kept === undefined && wasRead(stream)) {
    throw consumed("Call `rawBodies(app)` from 'hookseal/fastify' in the plugin that has this route.")
  }
  return {
    body:
      kept === undefined
        ? await readStream(receiver, stream, raw.headers['content-length'])
        : receiver.checked(kept),
    headers: raw.rawHeaders,
    method: raw.method,
    target: originalUrl,
  }
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
