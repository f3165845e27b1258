// The store's file in the hands of another SQLite in the same process.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'

import { open, path, receiver, started, until } from './receiver.js'
import { OTHER_SQLITE, opened } from './sqlite.js'

// Elsewhere locks belong to processes.
const options = { skip: process.platform !== 'linux' }

/** Runs a script that ends by killing its process. */
function killed(script: string, file: string): void {
  const prelude = `
    const { Sender } = require('hookseal')
    const { DatabaseSync } = require('${OTHER_SQLITE}')
    const file = process.argv[1]
    const open = () => new Sender('sqlite:' + file)
    const done = () => process.kill(process.pid, 'SIGKILL')
  `
  const child = spawnSync(
    process.execPath,
    ['--no-warnings', '-e', `${prelude};(async () => {${script}})()`, file],
    {
      cwd: __dirname,
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  assert.deepEqual([child.signal, child.stdout, child.stderr], ['SIGKILL', '', ''])
}

async function stored(file: string): Promise<string[]> {
  await using sender = open({}, `sqlite:${file}`)
  return (await sender.deliveries.list()).items.map(({ message }) => message).toReversed()
}

test('another SQLite that comes and goes loses nothing', options, async () => {
  const file = path()
  killed(
    `const sender = open()
    await sender.endpoints.create('https://example.com/')
    await sender.send('a', 1, { id: 'one' })
    for (let n = 0; n < 3; n++) {
      const other = new DatabaseSync(file)
      other.exec('SELECT count(*) FROM hookseal_message')
      other.close()
      await sender.send('a', n, { id: 'then-' + n })
    }
    done()`,
    file,
  )
  assert.deepEqual(await stored(file), ['one', 'then-0', 'then-1', 'then-2'])
})

test('a sender that comes and goes loses nothing of another SQLite', options, async () => {
  const file = path()
  killed(
    `const first = open()
    await first.endpoints.create('https://example.com/')
    const other = new DatabaseSync(file)
    const send = (id) => other.prepare('INSERT INTO hookseal_outbox (type, data, id) VALUES (?, ?, ?)').run('a', '1', id)
    send('one')
    await first.close()
    send('two')
    for (let n = 0; n < 3; n++) await open().close()
    send('three')
    done()`,
    file,
  )
  const sender = await started({}, `sqlite:${file}`)
  await until(async () => (await sender.deliveries.list()).items.length === 3, 'all are taken')
  await sender.close()
  assert.deepEqual(await stored(file), ['one', 'two', 'three'])
})

test('a lock of another SQLite outlives the sender', options, async () => {
  const file = path()
  const first = open({}, `sqlite:${file}`)
  await first.send('a', 1)
  const other = opened(file)
  other.exec('CREATE TABLE own (n INTEGER); BEGIN IMMEDIATE; INSERT INTO own VALUES (1)')
  await first.close()
  const script = `
    const { DatabaseSync } = require('${OTHER_SQLITE}')
    try {
      new DatabaseSync(process.argv[1]).exec('BEGIN IMMEDIATE')
      console.log('taken')
    } catch (error) {
      console.log(error.message)
    }`
  const child = spawnSync(process.execPath, ['--no-warnings', '-e', script, file], {
    cwd: __dirname,
    encoding: 'utf8',
  })
  assert.match(child.stdout, /locked/)
  other.exec('COMMIT')
  other.close()
})

test('both write at once, in transactions of their own', options, async () => {
  const file = path()
  const { url, received } = await receiver()
  const sender = await started({}, `sqlite:${file}`)
  await sender.endpoints.create(url)
  const sent = new Set<string>()
  let count = 0
  const flood = async () => {
    while (count++ < 300) sent.add((await sender.send('a', count)).id)
  }
  const floods = Promise.all([flood(), flood(), flood()])
  const database = opened(file)
  database.exec('CREATE TABLE booking (guest TEXT)')
  for (let n = 0; n < 60; n++) {
    const other = n % 2 === 0 ? opened(file) : database
    other.exec('BEGIN IMMEDIATE')
    other.prepare('INSERT INTO booking VALUES (?)').run(`guest ${n}`)
    const insert = other.prepare('INSERT INTO hookseal_outbox (type, data, id) VALUES (?, ?, ?)')
    insert.run('booking.created', JSON.stringify({ n }), `booking-${n}`)
    other.exec(n % 3 === 0 ? 'ROLLBACK' : 'COMMIT')
    if (n % 3 !== 0) sent.add(`booking-${n}`)
    if (other !== database) other.close()
    await new Promise(setImmediate)
  }
  await floods
  assert.equal(await sender.waitIdle({ timeout: 60 }), true)
  assert.deepEqual(new Set(received.map(({ headers }) => headers['webhook-id'])), sent)
  await sender.close()
  assert.deepEqual({ ...database.prepare('SELECT count(*) AS n FROM booking').get() }, { n: 40 })
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
  database.close()
})

test('descriptors are kept while another SQLite needs that, and no longer', options, async () => {
  const file = path()
  const ours = () =>
    readdirSync('/proc/self/fd')
      .map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`)
        } catch {
          return ''
        }
      })
      .filter((target) => target.startsWith(file)).length
  const once = async () => {
    const sender = open({}, `sqlite:${file}`)
    await sender.send('a', 1)
    await sender.close()
  }
  await once()
  assert.equal(ours(), 0)
  const other = opened(file)
  other.exec('CREATE TABLE own (n INTEGER)')
  const alone = ours()
  await once()
  const kept = ours()
  for (let n = 0; n < 5; n++) await once()
  assert.ok(kept > alone, 'some are kept')
  assert.equal(ours(), kept, 'the same are used again')
  other.close()
  await once()
  assert.equal(ours(), 0)
  const left = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
  assert.deepEqual(left, [basename(file)], 'the log is gone')
})
