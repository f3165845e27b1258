// WebKasa's recipe, from "Verifying Webhooks" on its page, with Node's crypto and nothing of Hookseal.
import crypto from 'node:crypto'

import { serve } from './serve.mjs'

const { WEBHOOK_SECRET } = process.env

function verifyWebhookSignature(payload, signature, secret) {
  const expectedSignature = crypto.createHmac('sha256', secret).update(payload).digest('hex')
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(`sha256=${expectedSignature}`))
}

serve((body, headers) => {
  const signature = headers['x-webkasa-signature']
  return Boolean(signature) && verifyWebhookSignature(body.toString(), signature, WEBHOOK_SECRET)
})
