// Receive what AWS SNS sends: signed by RSA, with a certificate that has to be fetched.
//
//   SNS_TOPIC=arn:aws:sns:us-east-1:123456789012:orders node examples/verifiers/sns.mjs
//
// Set the topic's SignatureVersion to 2; version 1 is SHA-1.
import { X509Certificate, createVerify } from 'node:crypto'
import https from 'node:https'
import { pathToFileURL } from 'node:url'

import express from 'express'
import { Event, VerificationError } from 'hookseal'
import { verified } from 'hookseal/express'

// Who serves the certificate is who vouches for it, so nothing but these urls will do.
const CERTIFICATE =
  /^https:\/\/sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?\/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem$/
const CONFIRMATION = /^https:\/\/sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?\/\?[!-~]{1,4096}$/
const NAME = /^DNS:sns(\.[a-z0-9-]{3,30})?\.amazonaws\.com(\.cn)?$/
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
}
const HOUR = 3600_000

/**
 * What an https url has; the host's certificate is checked, and redirects are not followed. A test passes a `ca` of its
 * own, and a `lookup` that leads to its own server.
 */
export function fetchBytes(url, options = {}) {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { timeout: 5000, agent: false, ...options }, (response) => {
      const chunks = []
      let size = 0
      response.on('data', (chunk) => {
        size += chunk.length
        if (size > 64 * 1024) request.destroy(new Error('The page is too large.'))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks))
        else reject(refused(`There is no such page: ${response.statusCode}.`))
      })
    })
    request.on('timeout', () => request.destroy(new Error('AWS does not answer.')))
    request.on('error', reject)
  })
}

/**
 * Verifies the messages of one's own topics, and confirms their subscriptions.
 *
 * Anybody can have a topic that AWS signs for, so the list of topics is what makes a message trusted. SNS sends no time
 * with an attempt: a message that is older than `tolerance` (milliseconds) is taken for a replay.
 */
export class SnsVerifier {
  #topics
  #tolerance
  #fetch
  #keys = new Map()

  constructor(topics, { tolerance = HOUR, fetch = fetchBytes } = {}) {
    this.#topics = new Set(topics)
    this.#tolerance = tolerance
    this.#fetch = fetch
  }

  /** The event of a notification; its data are the text of the message. */
  async verify(body) {
    const message = await this.#verified(body)
    if (message.Type !== 'Notification') throw refused('This is no notification.')
    return Event.trusted(body, {
      id: message.MessageId,
      type: message.Subject || 'Notification',
      timestamp: time(message),
      tenant: message.TopicArn,
      data: 'Message',
    })
  }

  /** Confirms a subscription to one of the topics: AWS wants its url to be called. */
  async handshake(body, headers) {
    if (headers['x-amz-sns-message-type'] !== 'SubscriptionConfirmation') return undefined
    const message = await this.#verified(body)
    if (message.Type !== 'SubscriptionConfirmation' || !CONFIRMATION.test(message.SubscribeURL)) {
      throw refused('This is no confirmation of AWS.')
    }
    await this.#fetch(message.SubscribeURL)
    return { status: 200, headers: {}, body: '' }
  }

  async #verified(body) {
    const message = read(body)
    if (!this.#topics.has(message.TopicArn)) throw refused('The message is of another topic.')
    if (message.SignatureVersion !== '2') {
      throw refused('The signature is of another version: set SignatureVersion of the topic to 2.')
    }
    const key = await this.#key(message.SigningCertURL ?? '')
    const verifier = createVerify('RSA-SHA256')
    for (const name of SIGNED[message.Type]) {
      if (name in message) verifier.update(`${name}\n${message[name]}\n`)
    }
    if (!verifier.verify(key, message.Signature ?? '', 'base64')) {
      throw refused('The signature does not match.')
    }
    const age = Date.now() - time(message).getTime()
    if (age > this.#tolerance) throw new VerificationError('timestamp_too_old', 'The message is too old.')
    if (-age > HOUR / 12) throw new VerificationError('timestamp_too_new', 'The message is from the future.')
    return message
  }

  async #key(url) {
    if (!CERTIFICATE.test(url)) throw refused('The certificate is not one of AWS.')
    if (!this.#keys.has(url)) {
      const key = publicKey(await this.#fetch(url))
      if (this.#keys.size >= 100) this.#keys.clear()
      this.#keys.set(url, key)
    }
    return this.#keys.get(url)
  }
}

function publicKey(pem) {
  let certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    throw refused('The certificate can not be read.')
  }
  const { subjectAltName = '', validFrom, validTo, publicKey: key } = certificate
  const isValid = Date.parse(validFrom) <= Date.now() && Date.now() <= Date.parse(validTo)
  const isForSns = subjectAltName.split(', ').some((name) => NAME.test(name))
  if (isValid && isForSns && key.asymmetricKeyType === 'rsa') return key
  throw refused('The certificate is not valid for SNS, or not now.')
}

function read(body) {
  let message
  try {
    message = JSON.parse(Buffer.from(body).toString())
  } catch {
    throw new VerificationError('invalid_payload', 'The body is not JSON.')
  }
  const names = Object.hasOwn(SIGNED, message?.Type) ? SIGNED[message.Type] : undefined
  const isText = (name) => typeof message[name] === 'string'
  if (
    names === undefined ||
    !names.every((name) => isText(name) || (name === 'Subject' && !(name in message)))
  ) {
    throw new VerificationError('invalid_payload', 'The body is no message of SNS, or lacks a field.')
  }
  return Object.fromEntries(Object.entries(message).filter(([, value]) => typeof value === 'string'))
}

function time({ Timestamp }) {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(Timestamp) ? new Date(Timestamp) : undefined
  if (at !== undefined && !Number.isNaN(at.getTime())) return at
  throw new VerificationError('malformed_timestamp', 'The timestamp is not one of SNS.')
}

function refused(reason) {
  return new VerificationError('signature_mismatch', reason)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { SNS_TOPIC, PORT = '8000' } = process.env
  const receive = verified(new SnsVerifier([SNS_TOPIC]), (event, _request, response) => {
    console.log('accepted', event.id, event.data)
    response.sendStatus(200)
  })
  express().post('/sns', receive).listen(Number(PORT), '127.0.0.1')
}
