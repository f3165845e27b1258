import { invalidArgument, VerificationError } from '../errors.js'
import type { Event } from '../event.js'
import type { RequestHeaders } from '../headers.js'
import { type EndpointOptions, InboxReceiver } from '../inbox/endpoint.js'
import type { Inbox } from '../inbox.js'
import {
  type RawRequest,
  type ReceiveOptions,
  Receiver,
  type VerifierSource,
  succeeded,
} from '../receiver.js'
import type { EventOf, Webhook } from '../webhook.js'

export type { EndpointOptions, ReceiveOptions }

/** What is needed of a request as API Gateway (both formats), function urls and load balancers have it. */
export interface LambdaRequest {
  body?: string | null
  isBase64Encoded?: boolean
  headers?: Record<string, string | undefined> | null
  multiValueHeaders?: Record<string, string[] | undefined> | null
  requestContext: object
}

/** What a refused request is answered with. */
export interface LambdaAnswer {
  statusCode: number
  headers?: Record<string, string | number | boolean>
  body?: string
}

/**
 * A handler of AWS Lambda for verified requests only; `handler` gets their event, the request as Lambda has it, and
 * the context. If it returns nothing, the answer is 200.
 *
 * What is refused, or not of the shape that the handler reads, is answered with the status and the code of the error.
 */
export function verified<
  Request extends LambdaRequest,
  Context,
  Answer extends LambdaAnswer = LambdaAnswer,
  P extends string | Event<any> = string,
>(
  webhook: Webhook<P> | VerifierSource,
  handler: (
    event: EventOf<P, Event<any>>,
    request: Request,
    context: Context,
  ) => Answer | void | Promise<Answer | void>,
  options?: ReceiveOptions,
): (request: Request, context: Context) => Promise<Answer | LambdaAnswer> {
  const receiver = new Receiver(webhook, handler, options, 'lambda')
  return (request, context) =>
    receiver.receive<Answer | LambdaAnswer>(
      async () => read(receiver, request),
      async (event) => (await handler(event, request, context)) ?? { statusCode: 200 },
      ({ status, headers, body }) => ({ statusCode: status, headers: { ...headers }, body }),
      (answer) => succeeded(answer.statusCode),
    )
}

/**
 * A handler of AWS Lambda that receives into an inbox, which is in a database: files of a function do not last. The
 * events are handled by whoever has started an inbox on that database.
 *
 * It answers by itself: 200 when the event is durable, and to one that was received before; the status of the error to
 * what is not to be trusted; 503 with `Retry-After` when the store cannot take it.
 */
export function endpoint<Request extends LambdaRequest, Context>(
  inbox: Inbox,
  options?: EndpointOptions,
): (request: Request, context: Context) => Promise<LambdaAnswer> {
  const receiver = new InboxReceiver(inbox, options, 'lambda')
  return async (request) => {
    const { status, headers, body } = await receiver.receive(async () => read(receiver.receiver, request))
    return { statusCode: status, headers: { ...headers }, body }
  }
}

interface AnyFormat extends LambdaRequest {
  requestContext: { http?: { method?: string }; path?: string; elb?: unknown }
  rawPath?: string
  rawQueryString?: string
  path?: string
  httpMethod?: string
  queryStringParameters?: Record<string, string | undefined> | null
  multiValueQueryStringParameters?: Record<string, string[] | undefined> | null
}

function read(receiver: Receiver, request: LambdaRequest): RawRequest {
  const { requestContext: about, ...parts } = (request ?? {}) as AnyFormat
  if (typeof about !== 'object' || about === null) {
    throw invalidArgument(
      'This is no HTTP request: the function is to be called by API Gateway (as a proxy), a function url or an ' +
        'Application Load Balancer.',
    )
  }
  const { multiValueHeaders, headers, rawPath, rawQueryString, httpMethod } = parts
  const hasLists = multiValueHeaders && Object.keys(multiValueHeaders).length > 0
  const path = rawPath ?? about.path ?? parts.path ?? '/'
  const query = rawQueryString ?? queryOf(request as AnyFormat)
  return {
    body: receiver.checked(raw(request)),
    headers: ((hasLists ? multiValueHeaders : headers) ?? {}) as RequestHeaders,
    method: about.http?.method ?? httpMethod,
    target: query ? `${path}?${query}` : path,
  }
}

function raw({ body, isBase64Encoded }: LambdaRequest): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body !== 'string') {
    throw invalidArgument(
      'The body was parsed already: use a Lambda proxy integration, without a mapping template.',
    )
  }
  // What is not UTF-8 is Base64 if its type is among the API's binary media types, else broken.
  if (!isBase64Encoded) return Buffer.from(body)
  const bytes = Buffer.from(body, 'base64')
  if (bytes.toString('base64') === body) return bytes
  throw new VerificationError('invalid_payload', 'The body is not the Base64 it is said to be.')
}

/** The query of a request in the old format, where it was taken apart. */
function queryOf(request: AnyFormat): string {
  const { queryStringParameters: single, multiValueQueryStringParameters: lists, requestContext } = request
  const pairs = Object.entries(lists ?? single ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value ?? '']),
  )
  // A load balancer leaves them encoded.
  if (requestContext.elb !== undefined) return pairs.map(([name, value]) => `${name}=${value}`).join('&')
  return new URLSearchParams(pairs).toString()
}
