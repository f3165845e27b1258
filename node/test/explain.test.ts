import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import {
  ConfigError,
  type Explanation,
  type ExplainOptions,
  Secret,
  VerificationError,
  Webhook,
  findings,
} from 'hookseal'

import native = require('../native/binding.js')

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const BODY = '{"test": 2432232314}'
const COMPACT = '{"test":2432232314}'
const NOW = 1614265330
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const shared = JSON.parse(readFileSync(join(__dirname, '../../tests/findings.json'), 'utf8')) as {
  findings: { code: string; sentence: string }[]
  certainties: string[]
  frameworks: string[]
}

function explained(body = COMPACT, options?: ExplainOptions): Explanation {
  return new Webhook(SECRET).explain(body, HEADERS, { now: NOW, ...options })
}

test('a body that was written again', () => {
  const explanation = explained(COMPACT, { framework: 'express' })
  assert.equal(explanation.verdict, 'refused')
  assert.equal(explanation.code, 'signature_mismatch')
  assert.equal(explanation.provider, 'standard')
  assert.equal(explanation.findings.length, 1)
  const { code, certainty, what, remedy } = explanation.findings[0]!
  assert.deepEqual([code, certainty], ['body_reserialized', 'certain'])
  assert.match(what, /JSON with spaces/)
  assert.match(remedy, /express\.raw/)
})

test('a right request', () => {
  const explanation = explained(BODY)
  assert.equal(explanation.verdict, 'verified')
  assert.equal(explanation.code, undefined)
  assert.deepEqual(explanation.findings, [])
  assert.equal(`${explanation}`, 'verified (standard)')
})

test('every form of it', () => {
  const explanation = explained()
  assert.equal(String(explanation), explanation.toText())
  assert.match(explanation.toText({ color: true }), /\x1b\[/)
  assert.doesNotMatch(explanation.toText(), /\x1b/)
  const written = JSON.parse(JSON.stringify(explanation))
  assert.equal(written.code, 'signature_mismatch')
  assert.equal(written.findings[0].code, 'body_reserialized')
  assert.deepEqual(JSON.parse(JSON.stringify(explained(BODY))), {
    provider: 'standard',
    verdict: 'verified',
    code: null,
    message: null,
    findings: [],
  })
})

test('all headers are looked at, whatever they are in', () => {
  const renamed = Object.entries(HEADERS).map(([name, value]): [string, string] => [
    `X-Original-${name}`,
    value,
  ])
  const all = [Object.fromEntries(renamed), renamed, new Map(renamed), new Headers(renamed), renamed.flat()]
  for (const headers of all) {
    const explanation = new Webhook(SECRET).explain(BODY, headers, { now: NOW })
    assert.equal(explanation.code, 'missing_header')
    assert.equal(explanation.findings[0]?.code, 'header_renamed')
    assert.equal(explanation.findings[0].certainty, 'certain')
  }
})

test('other secrets', () => {
  const webhook = new Webhook('whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5')
  const otherSecrets = [new Secret('whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5'), SECRET]
  const explanation = webhook.explain(BODY, HEADERS, { now: NOW, otherSecrets })
  assert.equal(explanation.findings[0]?.code, 'secret_other')
  assert.match(explanation.findings[0].what, /secret 1 of/)
  assert.ok(!JSON.stringify(explanation).includes(SECRET))
})

test('wrong arguments', () => {
  const wrong = [{ framework: 'rails' }, { framework: 7 }, { otherSecrets: [7] }, { now: 'today' }]
  for (const options of wrong) {
    assert.throws(() => explained(BODY, options as never), {
      constructor: ConfigError,
      code: 'invalid_argument',
    })
  }
  for (const headers of [null, 5, 'x', { headers: HEADERS }]) {
    assert.throws(() => new Webhook(SECRET).explain(BODY, headers as never), { constructor: ConfigError })
  }
  assert.throws(() => new Webhook(SECRET, { explainFailures: 1 as never }), { code: 'invalid_argument' })
})

test('the lists are those of every language', () => {
  assert.deepEqual(
    Object.entries(findings),
    shared.findings.map(({ code, sentence }) => [code, sentence]),
  )
  assert.deepEqual(native.certainties(), shared.certainties)
  assert.deepEqual(native.frameworks(), shared.frameworks)
  const source = readFileSync(join(__dirname, '../src/explanation.ts'), 'utf8')
  const named = (type: string) =>
    [...(new RegExp(`export type ${type} =([^/]*)`).exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
      (match) => match[1],
    )
  assert.deepEqual(
    named('FindingCode'),
    shared.findings.map(({ code }) => code),
  )
  assert.deepEqual(named('Framework'), shared.frameworks)
  assert.deepEqual(named('Certainty'), shared.certainties)
})

test('notes in development', () => {
  const webhook = new Webhook(SECRET, { explainFailures: true })
  assert.throws(
    () => webhook.verify(COMPACT, HEADERS, { now: NOW, framework: 'koa' }),
    (error: VerificationError) => {
      assert.deepEqual(error.notes, [explained(COMPACT, { framework: 'koa' }).toString()])
      assert.match(error.notes![0]!, /body parser/)
      assert.match(error.message, /^No signature matches\./)
      assert.equal(error.cause, undefined)
      return true
    },
  )
})

test('no notes otherwise, nor for mistakes of the caller', () => {
  assert.throws(
    () => new Webhook(SECRET).verify(COMPACT, HEADERS, { now: NOW }),
    (error: VerificationError) => error.notes === undefined && !('notes' in error),
  )
  const square = new Webhook('a-secret-of-more-than-16-bytes', { provider: 'square', explainFailures: true })
  const headers = square.sign(BODY, { url: 'https://shop.example/hooks' })
  assert.throws(
    () => square.verify(BODY, headers),
    (error: object) => error instanceof ConfigError && !('notes' in error),
  )
})

test('the environment turns it on', () => {
  const program = `
    const { Webhook } = require('hookseal')
    try { new Webhook('${SECRET}').verify('', {}) } catch (error) { console.log(error.notes?.[0]) }`
  const run = (value: string) =>
    spawnSync(process.execPath, ['-e', program], {
      cwd: join(__dirname, '..'),
      env: { ...process.env, HOOKSEAL_EXPLAIN: value },
      encoding: 'utf8',
    }).stdout
  assert.match(run('1'), /header_missing/)
  assert.equal(run('0'), 'undefined\n')
})
