import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { ConfigError, Provider, Webhook, providers } from 'hookseal'

const TOML = `
id = "mine"
name = "Mine"
sources = ["https://example.com"]
confidence = "own"

[signature]
header = "x-mine"
mac = "hmac-sha256"
encoding = "hex"
signed = "{body}"
key = { encoding = "utf8" }
`

test('the four vendors are among those that are built in', () => {
  const ids = providers().map((provider) => provider.id)
  for (const id of ['kagibag', 'kakiyo', 'webkasa', 'kazinex', 'standard', 'stripe'])
    assert.ok(ids.includes(id), id)
  assert.equal(new Set(ids).size, ids.length)
})

test('says what its vendor publishes', () => {
  const kakiyo = Provider.builtin('kakiyo')
  assert.equal(kakiyo.name, 'Kakiyo')
  assert.equal(kakiyo.credits, 2)
  assert.equal(kakiyo.timeout, 10)
  assert.equal(kakiyo.httpsOnly, true)
  assert.equal(kakiyo.secretOptional, true)
  assert.equal(typeof kakiyo.notes, 'string')
  assert.deepEqual(kakiyo.retry.delays(), [1, 2, 4])
  assert.ok(kakiyo.sources.length > 0)
  assert.equal(typeof kakiyo.confidence, 'string')
  const type = kakiyo.events.find(({ name }) => name === 'linkedin.message.sent')
  assert.equal(type?.description, 'Agent sends a message to a prospect')
  assert.equal((type?.example as { agentId: string }).agentId, 'agent_67890')
})

test('is read from text and from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-'))
  try {
    const path = join(folder, 'mine.toml')
    writeFileSync(path, TOML)
    for (const provider of [Provider.fromToml(TOML), Provider.load(path)]) {
      assert.equal(provider.id, 'mine')
      const webhook = new Webhook('k'.repeat(32), { provider })
      assert.deepEqual(Object.keys(webhook.sign('{}')), ['x-mine'])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is no provider is refused with the reason', () => {
  assert.throws(() => Provider.fromToml('id = 1'), { constructor: ConfigError, code: 'invalid_provider' })
  assert.throws(() => Provider.fromToml(`${TOML}\nnonsense = 1`), {
    code: 'invalid_provider',
    message: /nonsense/,
  })
  assert.throws(() => Provider.load('/does/not/exist.toml'), {
    code: 'invalid_provider',
    message: /exist\.toml/,
  })
  assert.throws(() => Provider.builtin('webkassa'), { constructor: ConfigError, code: 'unknown_provider' })
  for (const wrong of [null, 5, {}, []]) {
    assert.throws(() => Provider.builtin(wrong as never), { code: 'invalid_argument' })
    assert.throws(() => new Webhook('k', { provider: wrong as never }), { code: 'invalid_argument' })
  }
})

test('how providers sign, and what protects from replays', () => {
  const [v1, v1a] = Provider.builtin('standard').signatures
  assert.deepEqual(v1, {
    headers: ['webhook-signature'],
    algorithm: 'hmac-sha256',
    encoding: 'base64',
    signed: '{id}.{timestamp}.{body}',
    tolerance: { past: 300, future: 300 },
    several: true,
    coversBody: true,
  })
  assert.equal(v1a!.algorithm, 'ed25519')
  const slack = Provider.builtin('slack')
  assert.deepEqual([slack.replayProtection, slack.hasHandshake], ['timestamp', true])
  const github = Provider.builtin('github')
  assert.deepEqual([github.replayProtection, github.hasHandshake], ['unsigned_id', false])
  assert.equal(github.signatures[0]!.tolerance, undefined)
  for (const provider of providers()) assert.ok(provider.signatures.length > 0, provider.id)
})
