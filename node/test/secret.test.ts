import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'

import { ConfigError, Provider, Secret, Webhook } from 'hookseal'

const TEXT = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

test('shows itself nowhere', () => {
  const secret = new Secret(TEXT)
  const webhook = new Webhook(secret)
  for (const shown of [
    String(secret),
    `${secret}`,
    inspect(secret),
    inspect({ secret, webhook }, { depth: 9, showHidden: true }),
    JSON.stringify({ secret, webhook }),
    format('%s %o %j', secret, secret, secret),
  ]) {
    assert.ok(!shown.includes(TEXT.slice(6)), shown)
  }
  assert.equal(inspect(secret), 'Secret([redacted])')
  assert.equal(secret.expose(), TEXT)
})

test('nothing is no secret', () => {
  for (const empty of ['', ' \n']) {
    assert.throws(() => new Secret(empty), { constructor: ConfigError, code: 'invalid_secret' })
  }
  assert.throws(() => Secret.fromBytes(new Uint8Array()), { code: 'invalid_secret' })
})

test('raw bytes are the key', () => {
  const key = Buffer.from(TEXT.slice(6), 'base64')
  const headers = new Webhook(TEXT).sign('{}')
  assert.equal(new Webhook(Secret.fromBytes(key)).verify('{}', headers).keyIndex, 0)
  assert.equal(new Webhook(Secret.fromBytes(new Uint8Array(key).buffer)).verify('{}', headers).keyIndex, 0)
  assert.throws(() => Secret.fromBytes(Buffer.from([255])).expose(), { code: 'invalid_secret' })
  assert.throws(() => Secret.fromBytes(TEXT as never), { code: 'invalid_argument', message: /new Secret/ })
})

test('bytes where text belongs are refused, with the way out', () => {
  for (const bytes of [Buffer.from('key'), new Uint8Array(4)]) {
    assert.throws(() => new Webhook(bytes as never), {
      code: 'invalid_argument',
      message: /Secret\.fromBytes/,
    })
  }
})

test('generates what its provider uses', () => {
  assert.match(Secret.generate().expose(), /^whsec_/)
  assert.notEqual(Secret.generate().expose(), Secret.generate().expose())
  const secret = Secret.generate('webkasa')
  const webhook = new Webhook(secret, { provider: Provider.builtin('webkasa') })
  assert.equal(webhook.verify('{}', webhook.sign('{}')).keyIndex, 0)
  assert.throws(() => Secret.generate('nobody'), { code: 'unknown_provider' })
})

test('generates key pairs where there are any', () => {
  const secret = Secret.generatePrivateKey()
  const headers = new Webhook(secret).sign('{}')
  assert.match(secret.expose(), /^whsk_/)
  assert.equal(new Webhook(secret.public()).verify('{}', headers).keyIndex, 0)
  assert.throws(() => Secret.generatePrivateKey('kazinex'), { code: 'invalid_secret' })
})

test('the public half of a private key verifies and cannot sign', () => {
  const secret = new Secret(
    'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
  )
  const verifier = new Webhook(secret.public())
  assert.match(secret.public().expose(), /^whpk_/)
  const headers = new Webhook(secret).sign('{}')
  assert.match(headers['webhook-signature']!, /^v1a,/)
  assert.equal(verifier.verify('{}', headers).keyIndex, 0)
  assert.throws(() => verifier.sign('{}'), { constructor: ConfigError, code: 'invalid_secret' })
  assert.throws(() => new Secret(TEXT).public(), { code: 'invalid_secret' })
})
