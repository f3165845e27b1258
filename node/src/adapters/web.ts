import type { Event } from '../event.js'
import { type EndpointOptions, InboxReceiver } from '../inbox/endpoint.js'
import type { Inbox } from '../inbox.js'
import {
  type RawRequest,
  type ReceiveOptions,
  Receiver,
  type VerifierSource,
  consumed,
  peerLeft,
  succeeded,
} from '../receiver.js'
import type { EventOf, Webhook } from '../webhook.js'

export type { EndpointOptions, ReceiveOptions }

/**
 * A function from `Request` to `Response` for verified requests only: for Next.js' route handlers, Hono, Bun, Deno.
 * `handler` gets their event, the request, and whatever more the function is called with. If it returns nothing,
 * the answer is 200.
 *
 * What is refused, or not of the shape that the handler reads, is answered with the status and the code of the error.
 */
export function verified<Rest extends unknown[], P extends string | Event<any> = string>(
  webhook: Webhook<P> | VerifierSource,
  handler: (
    event: EventOf<P, Event<any>>,
    request: Request,
    ...rest: Rest
  ) => Response | void | Promise<Response | void>,
  options?: ReceiveOptions,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const receiver = new Receiver(webhook, handler, options, 'web')
  return (request, ...rest) =>
    receiver.receive<Response>(
      () => read(receiver, request),
      async (event) => (await handler(event, request, ...rest)) ?? new Response(),
      ({ body, ...head }) => new Response(body, head),
      (response) => succeeded(response.status),
    )
}

/**
 * A function from `Request` to `Response` that receives into an inbox.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint(inbox: Inbox, options?: EndpointOptions): (request: Request) => Promise<Response> {
  const receiver = new InboxReceiver(inbox, options, 'web')
  return async (request) => {
    const { status, headers, body } = await receiver.receive(() => read(receiver.receiver, request))
    return new Response(body, { status, headers })
  }
}

async function read(receiver: Receiver, request: Request): Promise<RawRequest> {
  if (request.bodyUsed) throw consumed('Take it from `event.body`, or read `request.clone()` there.')
  const { pathname, search } = new URL(request.url)
  const body = receiver.body(request.headers.get('content-length'))
  const reader = request.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(() => Promise.reject(peerLeft()))
    if (done) break
    try {
      body.add(value)
    } catch (error) {
      // Nobody needs the rest; whether it can be stopped makes no difference to the answer.
      reader.cancel().catch(() => {})
      throw error
    }
  }
  return { body: body.end(), headers: request.headers, method: request.method, target: pathname + search }
}
