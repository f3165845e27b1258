// Send a webhook from Node: signed, delivered and, if need be, tried again.
//
//   WEBHOOK_SECRET=whsec_... node examples/send.mjs http://127.0.0.1:8000/webhooks
import { Client, Endpoint, HooksealError, Provider, RetryPolicy } from 'hookseal'

try {
  process.exitCode = (await send(process.env.WEBHOOK_SECRET, process.argv[2])) ? 0 : 1
} catch (error) {
  if (!(error instanceof HooksealError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}

/** Delivers one event of Standard Webhooks and shows every attempt. */
async function send(secret, url) {
  if (!secret) {
    console.error('Set WEBHOOK_SECRET to the secret of the receiver, such as whsec_...')
    return false
  }
  if (!url) {
    console.error('Say where to: node examples/send.mjs http://127.0.0.1:8000/webhooks')
    return false
  }

  // Customers must not make a sender call its own network, so both are off until somebody says otherwise.
  // Here the receiver is on this very machine.
  const client = new Client({ allowHttp: true, allowPrivate: ['127.0.0.0/8', '::1/128'] })
  // Without `retry` it would be the provider's policy: nine retries within three days.
  const endpoint = new Endpoint(url, secret, { retry: new RetryPolicy([1, 2]) })
  const event = Provider.builtin('standard').event('invoice.paid', { invoice: 'in_42', total: '19.90 EUR' })
  const delivery = await client.deliver(endpoint, event)

  for (const { number, responseCode, error, durationMs } of delivery.attempts) {
    console.log(`attempt ${number}: ${responseCode ?? error.message} after ${Math.round(durationMs)} ms`)
  }
  console.log(delivery.status, event.id)
  return delivery.delivered
}
