// Compiles the tests and runs them: all, or those whose names are given, such as `npm test client`.
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

rmSync('.test', { recursive: true, force: true })
run('node_modules/typescript/bin/tsc', '--project', 'tsconfig.test.json')

const wanted = process.argv.slice(2)
const files = readdirSync('.test').filter(
  (file) => wanted.length === 0 || wanted.includes(file.split('.')[0]),
)
run('--test', ...files.map((file) => `.test/${file}`))

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
