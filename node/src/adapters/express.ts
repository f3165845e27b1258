import type { IncomingMessage, ServerResponse } from 'node:http'

import type { NextFunction, Request as ExpressRequest, Response as ExpressResponse } from 'express'

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

/**
 * A handler of Express for verified requests only; `handler` gets their event before what Express gives.
 *
 * It reads the raw body itself. Where something before it has read the body, such as `express.json()` for the whole
 * application, that has to keep the raw one: `express.json({ verify: keepRawBody })`.
 *
 * What is refused, or not of the shape that the handler reads, is answered with the status and the code of the error.
 */
export function verified<
  Request extends IncomingMessage = ExpressRequest,
  Response extends ServerResponse = ExpressResponse,
  P extends string | Event<any> = string,
>(
  webhook: Webhook<P> | VerifierSource,
  handler: (
    event: EventOf<P, Event<any>>,
    request: Request,
    response: Response,
    next: NextFunction,
  ) => unknown,
  options?: ReceiveOptions,
): (request: Request, response: Response, next: NextFunction) => Promise<void> {
  const receiver = new Receiver(webhook, handler, options, 'express')
  return async (request, response, next) => {
    try {
      await receiver.receive<unknown>(
        () => read(receiver, request),
        (event) => handler(event, request, response, next),
        ({ status, headers, body }) => {
          if (response.headersSent) return
          response.writeHead(status, headers).end(body)
        },
        // Handlers may answer after they have returned, or leave it to the next ones.
        () => answered(response),
      )
    } catch (error) {
      // Express 4 does not wait for promises. Next.js, whose API routes are alike, does, and has no `next`.
      if (typeof next !== 'function') throw error
      next(error)
    }
  }
}

/** Whether the answer was sent, and is a success. */
function answered(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => resolve(response.writableFinished && succeeded(response.statusCode))
    if (response.writableFinished || response.destroyed) return settle()
    response.once('finish', settle).once('close', settle)
  })
}

/**
 * A handler of Express that receives into an inbox. It reads the raw body as `verified` does.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint<
  Request extends IncomingMessage = ExpressRequest,
  Response extends ServerResponse = ExpressResponse,
>(
  inbox: Inbox,
  options?: EndpointOptions,
): (request: Request, response: Response, next: NextFunction) => Promise<void> {
  const receiver = new InboxReceiver(inbox, options, 'express')
  return async (request, response, next) => {
    try {
      const { status, headers, body } = await receiver.receive(() => read(receiver.receiver, request))
      if (!response.headersSent) response.writeHead(status, headers).end(body)
    } catch (error) {
      // As in `verified`.
      if (typeof next !== 'function') throw error
      next(error)
    }
  }
}

/** For `verify` of `express.json()` and its kind: keeps the raw body beside the parsed one. */
export function keepRawBody(request: IncomingMessage, _response: ServerResponse, body: Buffer): void {
  ;(request as WithBody).rawBody = body
}

type WithBody = IncomingMessage & { originalUrl?: string; body?: unknown; rawBody?: unknown }

async function read(receiver: Receiver, request: WithBody): Promise<RawRequest> {
  const { headers, rawHeaders, method, originalUrl, url, rawBody, body } = request
  const raw = rawOf(rawBody, body)
  if (raw === undefined && wasRead(request)) {
    throw consumed(
      'Put this route before `express.json()`, or let that keep it: ' +
        "`express.json({ verify: keepRawBody })`, with keepRawBody from 'hookseal/express'.",
    )
  }
  return {
    body:
      raw === undefined
        ? await readStream(receiver, request, headers['content-length'])
        : receiver.checked(raw),
    headers: rawHeaders,
    method,
    target: originalUrl ?? url,
  }
}
