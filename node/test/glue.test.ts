// The addon's own rules, held by reading it.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const folder = join(__dirname, '../../bindings/node/src')
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.rs'),
)
const files = names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

test('a panic in any function that is exported becomes an error and does not end the process', () => {
  let count = 0
  for (const { name, text } of files) {
    for (const { attributes, signature } of functions(text)) {
      if (!attributes.includes('#[napi')) continue
      count++
      assert.match(attributes, /\bcatch_unwind\b/, `${name}: ${signature}`)
    }
  }
  assert.ok(count > 30, `only ${count} functions found`)
})

test('panics unwind', () => {
  assert.doesNotMatch(readFileSync(join(__dirname, '../../Cargo.toml'), 'utf8'), /panic\s*=\s*"abort"/)
})

test('nothing keeps the event loop awake: threadsafe functions are weak', () => {
  for (const { name, text } of files) {
    assert.doesNotMatch(text, /build_threadsafe_function\(\)(?!\.weak::<true>\(\))/, name)
    assert.doesNotMatch(text, /\bThreadsafeFunction\b/, name)
  }
})

/** Every public function, with what stands between it and the empty line or brace above. */
function functions(text: string): { attributes: string; signature: string }[] {
  return text
    .split(/\n\s*\n|[{}]\n/)
    .map((block) => /^([^]*?)(\bpub (?:async )?fn \w+)/.exec(block))
    .filter((match) => match !== null)
    .map(([, attributes, signature]) => ({ attributes: attributes ?? '', signature: signature ?? '' }))
}
