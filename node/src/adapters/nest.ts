import type { IncomingMessage } from 'node:http'

import {
  type CallHandler,
  type ExecutionContext,
  HttpException,
  type NestInterceptor,
  createParamDecorator,
} from '@nestjs/common'
import { type Observable, from, lastValueFrom } from 'rxjs'

import { invalidArgument } from '../errors.js'
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

export type { EndpointOptions, ReceiveOptions }

/**
 * Lets only verified requests through to a route or controller: `@UseInterceptors(verified(webhook))`. The
 * application is to be created with `{ rawBody: true }`, on Express or Fastify.
 *
 * What is refused, or not of the shape that the route reads, is an `HttpException` with the status and the code of
 * the error.
 */
export function verified(webhook: VerifierSource, options?: ReceiveOptions): NestInterceptor {
  const receiver = new Receiver(webhook, verified, options, 'nest')
  return {
    intercept: (context, next) => from(intercept(receiver, context, next)),
  }
}

/**
 * Receives the requests of a route into an inbox; the route itself is not called: `@UseInterceptors(endpoint(inbox))`
 * on an empty method with `@HttpCode(200)`. The application is to be created with `{ rawBody: true }`, on Express or
 * Fastify.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint(inbox: Inbox, options?: EndpointOptions): NestInterceptor {
  const receiver = new InboxReceiver(inbox, options, 'nest')
  const receive = async (context: ExecutionContext): Promise<string> => {
    const request = context.switchToHttp().getRequest<NestRequest>()
    const response = context.switchToHttp().getResponse<NestResponse>()
    const { status, headers, body } = await receiver.receive(() => read(receiver.receiver, request))
    for (const [name, value] of Object.entries(headers)) response.header(name, value)
    response.status(status)
    return body
  }
  return { intercept: (context) => from(receive(context)) }
}

/** The event of a request that was verified, as an argument of a route. */
export const VerifiedEvent: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Event => {
    const event = events.get(context.switchToHttp().getRequest())
    if (event !== undefined) return event
    throw invalidArgument('There is no event: the route needs `@UseInterceptors(verified(webhook))`.')
  },
)

const events = new WeakMap<object, Event>()

async function intercept(receiver: Receiver, context: ExecutionContext, next: CallHandler): Promise<unknown> {
  const request = context.switchToHttp().getRequest<NestRequest>()
  return await receiver.receive<unknown>(
    () => read(receiver, request),
    (event) => {
      events.set(request, event)
      return lastValueFrom(next.handle() as Observable<unknown>, { defaultValue: undefined })
    },
    (reply, cause) => {
      const response = context.switchToHttp().getResponse<NestResponse>()
      for (const [name, value] of Object.entries(reply.headers)) response.header(name, value)
      if (cause !== undefined)
        throw new HttpException(JSON.parse(reply.body) as object, reply.status, { cause })
      response.status(reply.status)
      return reply.body
    },
    () => succeeded(context.switchToHttp().getResponse<NestResponse>().statusCode),
  )
}

/** Express's request, or Fastify's around the one of Node. */
type NestRequest = Pick<IncomingMessage, 'method'> & {
  raw?: IncomingMessage
  rawBody?: unknown
  body?: unknown
  originalUrl: string
}

/** Express's response, or Fastify's reply. */
interface NestResponse {
  statusCode: number
  header(name: string, value: string): unknown
  status(status: number): unknown
}

async function read(receiver: Receiver, request: NestRequest): Promise<RawRequest> {
  const message = request.raw ?? (request as unknown as IncomingMessage)
  const raw = rawOf(request.rawBody, request.body)
  if (raw === undefined && wasRead(message)) {
    throw consumed('Create the application with `NestFactory.create(AppModule, { rawBody: true })`.')
  }
  return {
    body:
      raw === undefined
        ? await readStream(receiver, message, message.headers['content-length'])
        : receiver.checked(raw),
    headers: message.rawHeaders,
    method: message.method,
    target: request.originalUrl,
  }
}
