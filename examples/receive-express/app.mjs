// Receive webhooks with Express: verify the raw body first, then trust the event.
//
//   WEBHOOK_SECRET=whsec_... node examples/receive-express/app.mjs
import express from 'express'
import { Webhook } from 'hookseal'
import { verified } from 'hookseal/express'

const { WEBHOOK_SECRET, WEBHOOK_PROVIDER = 'standard', PORT = '8000' } = process.env

const webhook = webhookFromEnvironment()
const app = express()

// `verified` reads the bytes as they came. JSON that was parsed and written again is not what was signed, so no
// express.json() may run before this route.
const receive = verified(
  webhook,
  (event, _request, response) => {
    // Answer quickly: whatever takes time belongs behind a queue.
    console.log('accepted', event.type, event.id ?? '')
    response.sendStatus(200)
  },
  // For our log; the peer learns no more than the status and the code.
  { onRefused: (error) => console.log('refused', error.code) },
)
app.post('/webhooks', receive)

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
