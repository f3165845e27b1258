// Kagibag's recipe, from "Signature verification" on its page, with Node's crypto and nothing of Hookseal.
import { createHmac, timingSafeEqual } from 'node:crypto'

import { serve } from './serve.mjs'

const endpointSecret = process.env.WEBHOOK_SECRET

serve((body, headers) => {
  const signature = Buffer.from(headers['x-webhook-signature'] ?? '')
  const expected = Buffer.from(createHmac('sha256', endpointSecret).update(body).digest('hex'))
  return signature.length === expected.length && timingSafeEqual(signature, expected)
})
