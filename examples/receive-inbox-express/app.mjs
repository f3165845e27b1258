// Receive webhooks durably with Express: answered in milliseconds, handled later, again if that fails.
//
//   WEBHOOK_SECRET=whsec_... node examples/receive-inbox-express/app.mjs
import { setTimeout as sleep } from 'node:timers/promises'

import express from 'express'
import { Inbox, Webhook } from 'hookseal'
import { endpoint } from 'hookseal/express'

const { WEBHOOK_SECRET, WEBHOOK_PROVIDER = 'standard', PORT = '8000' } = process.env
// 'postgres://…' where several machines share the work.
const { HOOKSEAL_INBOX = 'sqlite:inbox.db', HANDLER_SECONDS = '1' } = process.env

const inbox = new Inbox(HOOKSEAL_INBOX, webhookFromEnvironment())

// Take your time. Whatever you throw is tried again, and so is what a crash cut short.
inbox.on('*', async (event, { number, signal }) => {
  console.log('begins', event.type, event.id ?? '', `try ${number}`)
  // Here goes what takes time. Pass the handling's `idempotencyKey` on to whoever charges, mails or books, so that
  // nothing happens twice.
  await sleep(1000 * Number(HANDLER_SECONDS), undefined, { signal })
  console.log('handled', event.type, event.id ?? '')
})

// No try is left: somebody is to look at it, and then `inbox.events.retry(id)`.
inbox.onNotice('event.failed', ({ id, type, error }) => console.log('failed', type, id, error?.message))

await inbox.start()

const app = express()
const onRefused = (error) => console.log('refused', error.code)
app.post('/webhooks', endpoint(inbox, { onRefused }))

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening on http://127.0.0.1:${server.address().port}/webhooks`)
})

process.once('SIGTERM', () => {
  server.close()
  void inbox.close()
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
