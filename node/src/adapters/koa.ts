import type { IncomingMessage } from 'node:http'

import type { Next, ParameterizedContext } from 'koa'

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

/** What is needed of Koa's context. */
export interface KoaContext {
  req: IncomingMessage
  request: object
  originalUrl: string
  status: number
  set(headers: Record<string, string>): void
  body: any
  set(name: string, value: string): void
}

/**
 * A middleware of Koa for verified requests only; `handler` gets their event before what Koa gives. If it sets
 * nothing, the answer is 200.
 *
 * What is refused, or not of the shape that the handler reads, is answered with the status and the code of the error.
 */
export function verified<
  Context extends KoaContext = ParameterizedContext,
  P extends string | Event<any> = string,
>(
  webhook: Webhook<P> | VerifierSource,
  handler: (event: EventOf<P, Event<any>>, context: Context, next: Next) => unknown,
  options?: ReceiveOptions,
): (context: Context, next: Next) => Promise<void> {
  const receiver = new Receiver(webhook, handler, options, 'koa')
  return async (context, next) => {
    await receiver.receive<unknown>(
      () => read(receiver, context),
      (event) => {
        context.status = 200
        return handler(event, context, next)
      },
      ({ status, headers, body }) => {
        context.status = status
        context.body = body
        context.set({ ...headers })
      },
      () => succeeded(context.status),
    )
  }
}

/**
 * A middleware of Koa that receives into an inbox.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint<Context extends KoaContext = ParameterizedContext>(
  inbox: Inbox,
  options?: EndpointOptions,
): (context: Context) => Promise<void> {
  const receiver = new InboxReceiver(inbox, options, 'koa')
  return async (context) => {
    const { status, headers, body } = await receiver.receive(() => read(receiver.receiver, context))
    context.status = status
    context.body = body
    context.set({ ...headers })
  }
}

async function read(receiver: Receiver, { req, request, originalUrl }: KoaContext): Promise<RawRequest> {
  const { rawBody, body } = request as { rawBody?: unknown; body?: unknown }
  // What body parsers keep as text may not be the bytes that came.
  const raw = rawOf(rawBody, body)
  if (raw === undefined && wasRead(req)) throw consumed('Put this middleware before the body parser.')
  return {
    body:
      raw === undefined
        ? await readStream(receiver, req, req.headers['content-length'])
        : receiver.checked(raw),
    headers: req.rawHeaders,
    method: req.method,
    target: originalUrl,
  }
}
