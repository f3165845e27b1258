// Processes that send: they are killed, they end, they take over from each other.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after } from 'node:test'

import { type Received, open, receiver, started, until } from './receiver.js'
import { onEachStore, oneDelivers, store } from './stores.js'

const children: ChildProcess[] = []
after(() => children.forEach((child) => child.kill('SIGKILL')))

const CONCURRENCY = 8
const OPEN = `
  const { Sender } = require('hookseal')
  const open = () => new Sender(process.argv[1], { allowHttp: true, allowPrivate: true, concurrency: ${CONCURRENCY} })
`

/** A process that runs this script; what it prints is handed over line by line. */
function child(script: string, url: string, told: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, ['-e', OPEN + script, url], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  createInterface(child.stdout!).on('line', told)
  return child
}

/** A process that runs to its end by itself. */
function run(script: string, url: string): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', OPEN + script, url], {
    cwd: __dirname,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
  return stdout
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function idOf({ headers }: Received): string {
  return headers['webhook-id'] as string
}

onEachStore('what send resolved for survives a kill', async () => {
  const url = store()
  const { url: to, received } = await receiver(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2))
    return 200
  })
  const before = open({}, url)
  await before.endpoints.create(to)
  await before.close()
  const sent: string[] = []
  const kills = [1, 40, 150]
  for (const enough of kills) {
    const goal = sent.length + enough
    const process = child(
      `void (async () => {
        const sender = open()
        await sender.start()
        const flood = async () => {
          for (;;) console.log((await sender.send('a.b', { pid: process.pid, at: performance.now() })).id)
        }
        for (let n = 0; n < 4; n++) void flood()
      })()`,
      url,
      (line) => sent.push(line),
    )
    await until(() => sent.length >= goal, 'the child sends')
    await killed(process)
  }
  const sender = await started({}, url)
  assert.equal(await sender.waitIdle({ timeout: 60 }), true)
  const bodies = new Map<string, string>()
  for (const request of received) {
    const body = request.body.toString()
    assert.equal(bodies.get(idOf(request)) ?? body, body, 'the same id has the same bytes')
    bodies.set(idOf(request), body)
  }
  // The last line may have been cut by the kill.
  const lost = sent.filter((id) => id.length === sent[0]!.length && !bodies.has(id))
  assert.deepEqual(lost, [])
  const repeated = received.length - bodies.size
  // Requests on their way, and those whose outcome was not committed: at most two for each that may be on its way.
  const most = kills.length * (CONCURRENCY + 2 * CONCURRENCY)
  assert.ok(repeated <= most, `${repeated} are repeated, more than were on their way`)
})

onEachStore('of several processes one delivers, and another takes over when it is killed', async () => {
  const url = store()
  const { url: to, received } = await receiver()
  let told = ''
  const process = child(
    `void (async () => {
      const sender = open()
      await sender.start()
      while (!(await sender.stats()).dispatching) await new Promise((resolve) => setTimeout(resolve, 10))
      console.log('ready')
      while ((await sender.stats()).delivered === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      await sender.waitIdle()
      console.log('delivered')
      setInterval(() => {}, 1000)
    })()`,
    url,
    (line) => (told = line),
  )
  await until(() => told === 'ready', 'the child is ready')
  const sending = open({}, url)
  await sending.endpoints.create(to)
  await sending.send('a', 1)
  await until(() => told === 'delivered', 'the child delivers')
  const sender = await started({}, url)
  if (oneDelivers()) assert.equal((await sender.stats()).dispatching, false)
  await killed(process)
  await sender.send('a', 2)
  await until(() => received.length === 2, 'the parent delivers')
  assert.equal((await sender.stats()).dispatching, true)
})

onEachStore('a process ends by itself, with work left, callbacks registered and nothing closed', async () => {
  const url = store()
  const { url: to, received } = await receiver()
  const begun = performance.now()
  const out = run(
    `void (async () => {
      const sender = open().on('delivery.failed', () => {})
      await sender.start()
      await sender.endpoints.create('http://127.0.0.1:1/')
      await sender.send('a', {}, { id: 'left' })
      console.log('sent')
    })()`,
    url,
  )
  assert.equal(out, 'sent\n')
  assert.ok(performance.now() - begun < 20_000)
  const sender = await started({}, url)
  await sender.endpoints.update(1, { url: to })
  const { items } = await sender.deliveries.list({ status: 'pending' })
  for (const { id } of items) await sender.deliveries.retry(id)
  await until(() => received.length >= 1, 'it is delivered after all')
  assert.equal(idOf(received[0]!), 'left')
})

onEachStore('a process may exit in the middle of everything', () => {
  const out = run(
    `void (async () => {
      const sender = open()
      await sender.start()
      await sender.endpoints.create('http://127.0.0.1:1/')
      void sender.waitIdle()
      void sender.notices().next()
      for (let n = 0; n < 50; n++) void sender.send('a', n)
      await sender.send('a', 'last')
      console.log('bye')
      process.exit(0)
    })()`,
    store(),
  )
  assert.equal(out, 'bye\n')
})

onEachStore('who waits keeps the process alive', async () => {
  const out = run(
    `void (async () => {
      const server = require('node:http').createServer((request, response) =>
        setTimeout(() => response.writeHead(200, { connection: 'close' }).end(), 200),
      )
      server.listen(0, '127.0.0.1', async () => {
        server.unref()
        const sender = open()
        await sender.start()
        await sender.endpoints.create('http://127.0.0.1:' + server.address().port)
        await sender.send('a', {})
        console.log(await sender.waitIdle())
      })
    })()`,
    'memory:',
  )
  assert.equal(out, 'true\n')
})

onEachStore('worker threads send, and may be ended in the middle', () => {
  const worker = `
    const { Sender } = require('hookseal')
    const { workerData, parentPort } = require('node:worker_threads')
    void (async () => {
      const sender = new Sender(workerData).on('delivery.failed', () => {})
      await sender.start()
      for (let n = 0; ; n++) {
        await sender.send('a', n)
        parentPort.postMessage(n)
      }
    })()
  `
  const out = run(
    `const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    void (async () => {
      const sender = open()
      await sender.start()
      for (let n = 0; n < 3; n++) {
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true, workerData: process.argv[1] })
        await once(worker, 'message')
        await worker.terminate()
      }
      await sender.send('a', 'after')
      console.log((await sender.stats()).sent)
      await sender.close()
    })()`,
    store(),
  )
  assert.equal(out, '1\n')
})
