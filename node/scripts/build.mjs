// Builds the addon and the TypeScript. `npm install` runs this in a checkout, and never for a published package.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

// Installing this folder from another project only links it, without what it takes to build.
if (!existsSync(join(root, 'node_modules/@napi-rs/cli'))) {
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--include=dev'], {
    shell: process.platform === 'win32',
  })
}

const { NapiCli } = await import('@napi-rs/cli')
const { task } = await new NapiCli().build({
  cwd: root,
  // No targetDir: a relative one would silently make an empty binding.d.ts.
  manifestPath: '../bindings/node/Cargo.toml',
  packageJsonPath: 'package.json',
  outputDir: 'native',
  jsBinding: 'binding.js',
  dts: 'binding.d.ts',
  platform: true,
  release: true,
})
await task

rmSync(join(root, 'dist'), { recursive: true, force: true })
run(process.execPath, ['node_modules/typescript/bin/tsc'])

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
