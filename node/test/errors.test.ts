import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import * as hookseal from 'hookseal'
import {
  ConfigError,
  DeliveryError,
  type ErrorCode,
  HooksealError,
  VerificationError,
  Webhook,
  errors,
} from 'hookseal'

const shared = JSON.parse(readFileSync(join(__dirname, '../../tests/errors.json'), 'utf8')) as {
  errors: { code: ErrorCode; class: string; sentence: string }[]
  warnings: { code: string; sentence: string }[]
}

test('the codes are those of every language', () => {
  const expected = shared.errors.map(({ code, sentence }) => [code, sentence])
  assert.deepEqual(Object.entries(errors), expected)
  assert.ok(Object.isFrozen(errors))
})

test('the type ErrorCode names all of them and no other', () => {
  const source = readFileSync(join(__dirname, '../src/errors.ts'), 'utf8')
  const union = /export type ErrorCode =((?:\s+\| '\w+')+)/.exec(source)?.[1] ?? ''
  const named = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1])
  assert.deepEqual(
    named,
    shared.errors.map(({ code }) => code),
  )
})

test('the codes of warnings are those of every language', () => {
  const types = readFileSync(join(__dirname, '../native/binding.d.ts'), 'utf8')
  const union = /interface Warning {[^}]*?code: ([^\n]*)/.exec(types)?.[1] ?? ''
  const named = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1])
  assert.deepEqual(
    named,
    shared.warnings.map(({ code }) => code),
  )
})

test('every class is exported', () => {
  for (const { class: name } of shared.errors) assert.ok(name in hookseal, name)
})

test('the classes are a tree', () => {
  for (const Class of [VerificationError, ConfigError, DeliveryError]) {
    const error = new Class('timeout', 'message')
    assert.ok(error instanceof HooksealError && error instanceof Error)
    assert.equal(error.name, Class.name)
    assert.equal(error.code, 'timeout')
    assert.equal(error.message, 'message')
    assert.equal(Object.prototype.toString.call(error), '[object Error]')
  }
})

test('what is thrown is of the right class and begins its stack at the caller', () => {
  const webhook = new Webhook('a'.repeat(32), { provider: 'github' })
  assert.throws(
    () => webhook.verify('', {}),
    (error: VerificationError) => {
      assert.equal(error.constructor, VerificationError)
      assert.equal(error.code, 'missing_header')
      assert.match(error.stack!, /^VerificationError: .*x-hub-signature-256/)
      assert.match(error.stack!, /errors\.test/)
      return true
    },
  )
  assert.throws(() => new Webhook(''), { constructor: ConfigError, code: 'invalid_secret' })
})
