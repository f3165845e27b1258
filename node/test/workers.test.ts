// Worker threads and the end of the process, each in a process of its own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

function run(script: string): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: __dirname,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
  return stdout
}

const DELIVER = `
  const { Client, Endpoint, Provider } = require('hookseal')
  const deliver = (port, options) => new Client({ allowHttp: true, allowPrivate: true }).deliver(
    new Endpoint('http://127.0.0.1:' + port, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    Provider.builtin('standard').event('a', {}),
    options,
  )
`
const SERVE = `
  const server = require('node:http').createServer((request, response) => response.end())
  server.listen(0, '127.0.0.1', () => main(server.address().port))
`

test('twenty worker threads load, verify and leave', () => {
  const worker = `
    const { Webhook } = require('hookseal')
    const webhook = new Webhook('k'.repeat(32), { provider: 'kazinex' })
    require('node:worker_threads').parentPort.postMessage(webhook.verify('{}', webhook.sign('{}')).keyIndex)
  `
  const out = run(`
    const { Worker } = require('node:worker_threads')
    const once = () => new Promise((resolve, reject) => {
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true })
      worker.on('error', reject).on('exit', resolve)
    })
    void (async () => {
      for (let n = 0; n < 10; n++) console.log(await once())
      console.log(...await Promise.all(Array.from({ length: 10 }, once)))
    })()
  `)
  assert.equal(out, '0\n'.repeat(10) + '0 0 0 0 0 0 0 0 0 0\n')
})

test('twenty worker threads deliver, while the main thread does too', () => {
  const worker = `${DELIVER}
    deliver(require('node:worker_threads').workerData).then(({ delivered }) => {
      if (!delivered) process.exit(1)
    })
  `
  const out = run(`${DELIVER}
    const { Worker } = require('node:worker_threads')
    async function main(port) {
      await deliver(port)
      const codes = await Promise.all(Array.from({ length: 20 }, () => new Promise((resolve, reject) => {
        new Worker(${JSON.stringify(worker)}, { eval: true, workerData: port }).on('error', reject).on('exit', resolve)
      })))
      console.log((await deliver(port)).delivered, codes.every((code) => code === 0))
      server.close()
    }
    ${SERVE}
  `)
  assert.equal(out, 'true true\n')
})

test('a worker thread may be ended in the middle of a delivery', () => {
  const worker = `${DELIVER}
    deliver(require('node:worker_threads').workerData)
  `
  const out = run(`
    const { Worker } = require('node:worker_threads')
    const server = require('node:http').createServer(() => waiting())
    let waiting
    server.listen(0, '127.0.0.1', async () => {
      for (let n = 0; n < 5; n++) {
        const arrived = new Promise((resolve) => (waiting = resolve))
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true, workerData: server.address().port })
        await arrived
        await worker.terminate()
      }
      console.log('ended')
      server.closeAllConnections()
      server.close()
    })
  `)
  assert.equal(out, 'ended\n')
})

test('the process ends by itself after a delivery', () => {
  const out = run(`${DELIVER}
    async function main(port) {
      console.log((await deliver(port)).delivered)
      server.close()
    }
    ${SERVE}
  `)
  assert.equal(out, 'true\n')
})

test('the process can end in the middle of a delivery', () => {
  const out = run(`${DELIVER}
    const server = require('node:http').createServer(() => {
      console.log('bye')
      process.exit(0)
    })
    server.listen(0, '127.0.0.1', () => deliver(server.address().port))
  `)
  assert.equal(out, 'bye\n')
})

test('a delivery keeps the process alive until it is over', () => {
  const out = run(`${DELIVER}
    const server = require('node:http').createServer((request, response) => setTimeout(() => response.end(), 200))
    server.listen(0, '127.0.0.1', () => {
      server.unref()
      deliver(server.address().port).then(({ status }) => console.log(status))
    })
  `)
  assert.equal(out, 'delivered\n')
})

test(
  'to import and to verify starts no thread',
  { skip: process.platform !== 'linux' && 'threads are counted in /proc' },
  () => {
    const out = run(`
    const { readdirSync } = require('node:fs')
    const threads = () => readdirSync('/proc/self/task').length
    const before = threads()
    const { Webhook } = require('hookseal')
    const webhook = new Webhook('k'.repeat(32), { provider: 'kazinex' })
    webhook.verify('{}', webhook.sign('{}')).payload
    console.log(threads() - before)
  `)
    assert.equal(out, '0\n')
  },
)
