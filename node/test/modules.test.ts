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
  import { verified as express } from 'hookseal/express'
  import { verified as web } from 'hookseal/web'
  export const POST: (request: Request) => Promise<Response> = web(new Webhook('k'), (event) => Response.json(event.id))
  express(new Webhook('k'), (event, request, response) => response.json([event.id, request.path]), { maxBody: 5 })
  // @ts-expect-error: an option that there is not
  web(new Webhook('k'), () => {}, { limit: 5 })
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

const adapters = ['express', 'fastify', 'koa', 'lambda', 'nest', 'web']

test('every adapter can be required and imported, and is the same', () => {
  writeFileSync(
    join(project, 'adapters.mjs'),
    `import { createRequire } from 'node:module'
     ${adapters.map((name) => `import { verified as ${name} } from 'hookseal/${name}'`).join('\n')}
     const require = createRequire(import.meta.url)
     const imported = { ${adapters.join()} }
     for (const name in imported) console.log(name, imported[name] === require('hookseal/' + name).verified)`,
  )
  assert.equal(node('adapters.mjs'), adapters.map((name) => `${name} true\n`).join(''))
})

test('no adapter loads a framework, but for that of Nest', () => {
  const loaded = `
    for (const name of ${JSON.stringify(adapters)}) if (name !== 'nest') require('hookseal/' + name)
    console.log(Object.keys(require.cache).filter((file) => file.includes('node_modules')).length)`
  assert.equal(node('-e', loaded), '0\n')
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
