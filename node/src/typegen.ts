#!/usr/bin/env node
// Makes typed events of a provider file of your own: `npx hookseal-typegen acme.toml > acme.ts`.
import { HooksealError, calling } from './errors.js'
import native = require('./native.js')
import { Provider } from './provider.js'

const [path, ...more] = process.argv.slice(2)
if (path === undefined || path.startsWith('-') || more.length > 0) {
  process.stderr.write('usage: hookseal-typegen FILE.toml\n')
  process.exitCode = 2
} else {
  try {
    const provider = Provider.native(Provider.load(path))
    process.stdout.write(calling(() => native.typescriptTypes(provider)))
  } catch (error) {
    if (!(error instanceof HooksealError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
