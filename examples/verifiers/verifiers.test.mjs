// The same tests in Node; examples/test_verifiers.py makes the certificates and starts this.
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { verified } from 'hookseal/web'
import { SignJWT } from 'jose'

import { JwtVerifier } from './jwt-body.mjs'
import { SnsVerifier, fetchBytes } from './sns.mjs'

const { CERTIFICATES, JWKS_URL } = process.env
const file = (name) => readFileSync(join(CERTIFICATES, name))
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:orders'
const HOST = 'sns.us-east-1.amazonaws.com'
const CERTIFICATE = `https://${HOST}/SimpleNotificationService-0123abcd.pem`
const CONFIRM = `https://${HOST}/?Action=ConfirmSubscription&Token=abc`

const pages = new Map([
  ['/SimpleNotificationService-0123abcd.pem', file('sns.pem')],
  ['/SimpleNotificationService-old.pem', file('old.pem')],
  ['/SimpleNotificationService-other.pem', file('other.pem')],
  ['/SimpleNotificationService-none.pem', file('sns.key')],
  [CONFIRM.slice(CONFIRM.indexOf('/?')), Buffer.from('<xml/>')],
])
const asked = []
const aws = createServer({ cert: file('host.pem'), key: file('host.key') }, (request, response) => {
  asked.push(request.url)
  response.writeHead(pages.has(request.url) ? 200 : 404).end(pages.get(request.url))
})
let trusting
before(async () => {
  await new Promise((resolve) => aws.listen(0, '127.0.0.1', resolve))
  const lookup = (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }])
  trusting = { ca: file('ca.pem'), lookup, port: aws.address().port }
})
after(() => (aws.closeAllConnections(), aws.close()))

function app(verifier) {
  const events = []
  const handler = verified(verifier, (event) => void events.push(event))
  const post = async (body, headers = {}) => {
    const init = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers }
    const answer = await handler(new Request('http://localhost/hooks', init))
    return answer.status === 200 ? 'accepted' : (await answer.json()).code
  }
  return { post, events }
}

function message(more = {}, key = file('sns.key')) {
  const made = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC,
    Subject: 'Order',
    Message: '{"order": "Zoë 🪝"}',
    Timestamp: new Date().toISOString(),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE,
    ...more,
  }
  const names =
    made.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names.filter((name) => made[name] !== undefined).map((name) => `${name}\n${made[name]}\n`)
  return { ...made, Signature: sign('RSA-SHA256', Buffer.from(text.join('')), key).toString('base64') }
}

const fetch = (url) => fetchBytes(url, trusting)

test('SNS: notifications and subscriptions', async () => {
  const { post, events } = app(new SnsVerifier([TOPIC], { fetch }))
  assert.equal(await post(message()), 'accepted')
  assert.equal(await post(message({ Subject: undefined })), 'accepted')
  assert.equal(asked.length, 1)
  assert.equal(events[0].data, '{"order": "Zoë 🪝"}')
  assert.deepEqual([events[0].type, events[1].type, events[0].tenant], ['Order', 'Notification', TOPIC])

  const kind = { 'x-amz-sns-message-type': 'SubscriptionConfirmation' }
  const question = {
    Type: 'SubscriptionConfirmation',
    Subject: undefined,
    Token: 'abc',
    SubscribeURL: CONFIRM,
  }
  assert.equal(await post(message(question), kind), 'accepted')
  assert.ok(CONFIRM.endsWith(asked.at(-1)))
  const elsewhere = { ...question, SubscribeURL: 'https://169.254.169.254/?Action=ConfirmSubscription' }
  assert.equal(await post(message(elsewhere), kind), 'signature_mismatch')
  assert.equal(await post({ ...message(question), Token: 'other' }, kind), 'signature_mismatch')
  assert.equal(await post(message(question)), 'signature_mismatch')
  assert.equal(events.length, 2)
})

test('SNS: forgeries', async () => {
  const { post, events } = app(new SnsVerifier([TOPIC], { fetch }))
  const url = (SigningCertURL) => message({ SigningCertURL })
  for (const [forged, code] of [
    [{ ...message(), Message: '{}' }, 'signature_mismatch'],
    [{ ...message(), Signature: '' }, 'signature_mismatch'],
    [{ ...message(), Signature: undefined }, 'signature_mismatch'],
    [message({ SignatureVersion: '1' }), 'signature_mismatch'],
    [message({ TopicArn: `${TOPIC}x` }), 'signature_mismatch'],
    [url(CERTIFICATE.replace('https', 'http')), 'signature_mismatch'],
    [url(CERTIFICATE.replace('amazonaws.com', 'amazonaws.com.attacker.example')), 'signature_mismatch'],
    [url(CERTIFICATE.replace(HOST, 'bucket.s3.amazonaws.com')), 'signature_mismatch'],
    [url(`${CERTIFICATE}\n`), 'signature_mismatch'],
    [url(CERTIFICATE.replace('0123abcd', 'old')), 'signature_mismatch'],
    [url(CERTIFICATE.replace('0123abcd', 'other')), 'signature_mismatch'],
    [url(CERTIFICATE.replace('0123abcd', 'none')), 'signature_mismatch'],
    [url(CERTIFICATE.replace('0123abcd', 'missing')), 'signature_mismatch'],
    [message({ Timestamp: '2020-01-01T00:00:00.000Z' }), 'timestamp_too_old'],
    [message({ Timestamp: '2200-01-01T00:00:00.000Z' }), 'timestamp_too_new'],
    [message({ Timestamp: 'now' }), 'malformed_timestamp'],
    [{ ...message(), Type: 'toString' }, 'invalid_payload'],
    [{ ...message(), Message: 1 }, 'invalid_payload'],
    ['{', 'invalid_payload'],
    ['null', 'invalid_payload'],
  ]) {
    assert.equal(await post(forged), code, JSON.stringify(forged))
  }
  assert.equal(events.length, 0)
  const strict = app(new SnsVerifier([TOPIC], { fetch: (url) => fetchBytes(url, { ...trusting, ca: [] }) }))
  await assert.rejects(strict.post(message()), { message: /certificate/ })
})

const BODY = '{\n  "webhook_type": "ITEM",\n  "webhook_code": "ERROR"\n}'

async function token({
  body = BODY,
  key = createPrivateKey(file('jwt.key')),
  alg = 'ES256',
  kid = 'k1',
  ...more
} = {}) {
  const hash = createHash('sha256').update(body).digest('hex')
  const claims = { iat: Math.floor(Date.now() / 1000), request_body_sha256: hash, ...more }
  return { 'plaid-verification': await new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key) }
}

test('JWT: the body that it was made for', async () => {
  const { post, events } = app(new JwtVerifier(JWKS_URL))
  assert.equal(await post(BODY, await token()), 'accepted')
  assert.deepEqual([events[0].type, events[0].data.webhook_type], ['ERROR', 'ITEM'])
})

test('JWT: forgeries', async () => {
  const { post, events } = app(new JwtVerifier(JWKS_URL))
  const now = Date.now() / 1000
  const publicKey = createPublicKey(createPrivateKey(file('jwt.key'))).export({ type: 'spki', format: 'der' })
  const unsigned = [{ alg: 'none', kid: 'k1' }, { iat: now }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  for (const [headers, code] of [
    [{}, 'missing_header'],
    [{ 'plaid-verification': 'a.b.c' }, 'signature_mismatch'],
    [{ 'plaid-verification': `${unsigned.join('.')}.` }, 'signature_mismatch'],
    [await token({ body: `${BODY} ` }), 'signature_mismatch'],
    [await token({ request_body_sha256: undefined }), 'signature_mismatch'],
    [await token({ iat: undefined }), 'signature_mismatch'],
    [await token({ key: publicKey, alg: 'HS256' }), 'signature_mismatch'],
    [await token({ kid: 'k2' }), 'signature_mismatch'],
    [await token({ iat: now - 400 }), 'timestamp_too_old'],
    [await token({ iat: now + 400 }), 'timestamp_too_new'],
  ]) {
    assert.equal(await post(BODY, headers), code, JSON.stringify(headers))
  }
  assert.equal(events.length, 0)
})
