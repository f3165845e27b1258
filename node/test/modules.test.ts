// The package as others see it: required, imported, and typed both ways.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'

import * as required from 'hookseal'

const root = dirname(__dirname)
const project = mkdtempSync(join(tmpdir(), 'hookseal-'))
after(() => rmSync(project, { recursive: true }))

mkdirSync(join(project, 'node_modules'))
symlinkSync(root, join(project, 'node_modules/hookseal'), 'junction')
const SOURCE = `
  import { Webhook, HooksealError, type Event, type ErrorCode } from 'hookseal'
  const event: Event<{ n: number }> = new Webhook('k', { provider: 'github', tolerance: 5 }).verify('', new Headers())
  const n: number = event.data.n
  const code: ErrorCode = new HooksealError('timeout', String(n)).code
  // @ts-expect-error: a body that was parsed
  new Webhook('k').verify({}, {})
  export { code }
`

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
}

test('can be required', () => {
  assert.equal(node('-e', `console.log(typeof require('hookseal').Webhook)`), 'function\n')
})

test('can be imported, and the classes are those that are required', () => {
  writeFileSync(
    join(project, 'main.mjs'),
    `import { createRequire } from 'node:module'
     import * as imported from 'hookseal'
     import { Webhook, ConfigError, errors } from 'hookseal'
     const required = createRequire(import.meta.url)('hookseal')
     console.log(Object.keys(imported).filter((name) => !/^__|^default$|^module\\.exports$/.test(name)).join())
     console.log(Webhook === required.Webhook && ConfigError === required.ConfigError && errors === required.errors)`,
  )
  assert.equal(node('main.mjs'), `${Object.keys(required).sort().join()}\ntrue\n`)
})

for (const [module, type] of [
  ['node16', 'module'],
  ['node16', 'commonjs'],
  ['nodenext', 'module'],
  ['nodenext', 'commonjs'],
] as const) {
  test(`is typed under ${module} for ${type}`, () => {
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type }))
    writeFileSync(join(project, 'main.ts'), SOURCE)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
    node(
      tsc,
      'main.ts',
      '--strict',
      '--noEmit',
      '--module',
      module,
      '--target',
      'es2022',
      '--lib',
      'es2023',
      ...types,
    )
  })
}
