// Receive webhooks with Express: verify the raw body first, then trust the event.
//
//   WEBHOOK_SECRET=whsec_... node examples/receive-express/app.mjs
import express from 'express'
import { VerificationError, Webhook } from 'hookseal'

const { WEBHOOK_SECRET, WEBHOOK_PROVIDER = 'standard', PORT = '8000' } = process.env

const webhook = webhookFromEnvironment()
const app = express()

// express.raw keeps the bytes as they came. JSON that was parsed and written again is not what was signed, so no
// express.json() may run before this route. `type` makes it raw whatever content type the request claims.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  let event
  try {
    event = webhook.verify(request.body ?? Buffer.alloc(0), request.headers)
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    console.log('refused', error.code) // for our log; the peer learns no more than the status
    response.sendStatus(401)
    return
  }
  // Answer quickly: whatever takes time belongs behind a queue.
  console.log('accepted', event.type, event.id ?? '')
  response.sendStatus(200)
})

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening on http://127.0.0.1:${server.address().port}/webhooks`)
})

function webhookFromEnvironment() {
  try {
    if (!WEBHOOK_SECRET)
      throw new Error('set it to the secret the webhooks are signed with, such as whsec_...')
    return new Webhook(WEBHOOK_SECRET, { provider: WEBHOOK_PROVIDER })
  } catch (error) {
    console.error(`WEBHOOK_SECRET: ${error.message}`)
    process.exit(1)
  }
}
