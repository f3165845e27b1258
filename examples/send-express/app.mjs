// Send webhooks to your customers with Express, durably: once a booking is answered, its event will arrive.
//
//   ALLOW_LOCAL=1 node examples/send-express/app.mjs
import { randomUUID } from 'node:crypto'
import express from 'express'
import { HooksealError, Sender, StoreError } from 'hookseal'

const { HOOKSEAL_STORE = 'sqlite:hooks.db', ALLOW_LOCAL, PORT = '8080' } = process.env

const sender = senderFromEnvironment()
const app = express()
app.use(express.json())

// Who may call these is for your own authentication to say.

// Creates an endpoint. The answer is the only place where its secret is shown.
app.post('/customers/:tenant/webhooks', async ({ params, body }, response) => {
  const { url, events } = body ?? {}
  const { id, secret } = await sender.endpoints.create(url, { events, tenant: params.tenant })
  response.status(201).json({ id, url, secret: secret?.expose() })
})

// Creates a booking and tells the customer about it.
app.post('/bookings', async ({ body }, response) => {
  const { tenant, guest } = body ?? {}
  // Without a tenant it would be nobody's event, and go to no customer.
  if (typeof tenant !== 'string' || typeof guest !== 'string') return response.sendStatus(422)
  const id = randomUUID()
  // An id that follows from the booking's: to send the event once more would be to send the same one.
  const event = await sender.send('booking.created', { id, guest }, { id: `booking-created-${id}`, tenant })
  // It is on disk now: whatever happens to this process, the event will be delivered.
  response.status(201).json({ booking: id, event: event.id })
})

// Shows a customer what was sent, newest first.
app.get('/customers/:tenant/deliveries', async ({ params, query }, response) => {
  const cursor = query.cursor === undefined ? undefined : Number(query.cursor)
  const page = await sender.deliveries.list({ tenant: params.tenant, cursor })
  response.json({ deliveries: page.items.map(shown), cursor: page.cursor ?? null })
})

// Delivers once more, now, with the same id and bytes.
app.post('/deliveries/:id/retry', async ({ params }, response) => {
  response.status(202).json({ delivery: await sender.deliveries.retry(Number(params.id)) })
})

// Tells callers what they did wrong, and nothing about our own troubles.
app.use((error, _request, response, next) => {
  if (!(error instanceof HooksealError)) return next(error)
  const statuses = { not_found: 404, conflict: 409, closed: 503 }
  const status = error instanceof StoreError ? 503 : (statuses[error.code] ?? 422)
  response.status(status).json({ error: error.code, message: status < 500 ? error.message : null })
})

await sender.start()
const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => server.close(() => sender.close()))
}

function senderFromEnvironment() {
  try {
    // Customers choose the urls, and must not make us call our own network: this is for trying it on one machine.
    const local = ALLOW_LOCAL === '1'
    return new Sender(HOOKSEAL_STORE, { allowHttp: local, allowPrivate: local })
  } catch (error) {
    console.error(`HOOKSEAL_STORE: ${error.message}`)
    process.exit(1)
  }
}

/** What a customer sees of a delivery. */
function shown({ id, message, type, status, attemptCount, responseCode, errorCode, due }) {
  return {
    id,
    event: message,
    type,
    status,
    attempts: attemptCount,
    response_code: responseCode ?? null,
    error: errorCode ?? null,
    next_attempt: due ?? null,
  }
}
