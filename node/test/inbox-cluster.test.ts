// The workers of one Express application, which Node's cluster starts, share one inbox.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'

import { Webhook } from 'hookseal'

import { path, until } from './receiver.js'
import { onEachStore, oneDelivers, store } from './stores.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook = new Webhook(SECRET)

const APPLICATION = `
const cluster = require('node:cluster')
const { appendFileSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')

if (cluster.isPrimary) {
  for (let n = 0; n < 3; n++) cluster.fork()
  cluster.on('listening', (_, { port }) => console.log(port))
  process.on('SIGTERM', () => Object.values(cluster.workers).forEach((worker) => worker.kill()))
} else {
  const express = require('express')
  const { Inbox, Webhook } = require('hookseal')
  const { endpoint } = require('hookseal/express')

  const inbox = new Inbox(process.env.STORE, new Webhook('${SECRET}'))
  inbox.on('*', async (event) => {
    await sleep(20)
    appendFileSync(process.env.LOG, event.id + ' ' + process.pid + '\\n')
  })
  void inbox.start().then(() => express().post('/hooks', endpoint(inbox)).listen(0, '127.0.0.1'))
}
`

const application = join(__dirname, `inbox-cluster-app-${process.pid}.cjs`)
writeFileSync(application, APPLICATION)
const clusters: ChildProcess[] = []
after(() => {
  clusters.forEach((cluster) => cluster.kill('SIGKILL'))
  rmSync(application)
})

/** The port on which three workers listen. */
async function start(url: string, log: string): Promise<{ port: number; end: () => Promise<unknown> }> {
  const cluster = spawn(process.execPath, [application], {
    env: { ...process.env, STORE: url, LOG: log },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  clusters.push(cluster)
  const lines: string[] = []
  createInterface(cluster.stdout).on('line', (line) => lines.push(line))
  await until(() => lines.length === 3, 'three workers listen')
  assert.equal(new Set(lines).size, 1)
  const end = (): Promise<unknown> => {
    const exited = once(cluster, 'exit')
    cluster.kill()
    return exited
  }
  return { port: Number(lines[0]), end }
}

/** Posts as a vendor does, who comes back if nobody answers. */
async function post(port: number, id: string): Promise<void> {
  const body = JSON.stringify({ type: 'thing.made', data: {} })
  // On a connection of its own, so that all workers get some.
  const headers = { ...webhook.sign(body, { id }), connection: 'close' }
  await until(async () => {
    const answered = fetch(`http://127.0.0.1:${port}/hooks`, { method: 'POST', body, headers })
    return (await answered.catch(() => undefined))?.status === 200
  }, `${id} is received`)
}

onEachStore('the workers of a cluster share one inbox, and take over from one that is killed', async () => {
  const log = path('handled')
  writeFileSync(log, '')
  const handled = (): string[][] =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
  const ids = (range: string): string[] => Array.from({ length: 30 }, (_, n) => `${range}${n}`)
  const { port, end } = await start(store(), log)

  await Promise.all([...ids('a'), ...ids('a'), ...ids('a')].map((id) => post(port, id)))
  await until(() => handled().length === 30, 'all are handled')
  const workers = new Set(handled().map(([, worker]) => worker))
  // Of a file one worker handles, and of a database all that were started.
  assert.ok(oneDelivers() ? workers.size === 1 : workers.size > 1, [...workers].join())

  process.kill(Number(handled().at(-1)![1]), 'SIGKILL')
  await Promise.all([...ids('b'), ...ids('b')].map((id) => post(port, id)))
  await until(() => new Set(handled().map(([id]) => id)).size === 60, 'the others handle what comes')
  const times = handled().filter(([id]) => id!.startsWith('a'))
  assert.deepEqual(times.map(([id]) => id).sort(), ids('a').sort(), 'duplicates are dropped')
  await end()
})
