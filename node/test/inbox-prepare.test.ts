// Events that are stored in a transaction of the application's own.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { Client } from 'pg'

import { ConfigError, Inbox, Webhook } from 'hookseal'

import { path, until } from './receiver.js'
import { database, onStore, schema, server, sql } from './stores.js'

const webhook = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')

function request(id: string, data: unknown = {}): [string, Record<string, string>] {
  const body = JSON.stringify({ type: 'thing.made', data })
  return [body, webhook.sign(body, { id })]
}

onStore('postgres', 'an event and what goes with it are committed, or neither is', async () => {
  const tables = schema()
  const seen: string[] = []
  await using inbox = new Inbox(database(tables), webhook, { orderBy: () => 'one line' })
  inbox.on('*', (event) => void seen.push(`${event.id} ${event.data.n}`))
  await inbox.start()
  await sql(`CREATE TABLE ${tables}.booking (event text)`)
  const client = new Client({ connectionString: server() })
  await client.connect()
  try {
    const take = async (id: string, end: string) => {
      const prepared = inbox.prepare(...request(id, { n: 1 }))
      assert.equal(prepared.id, id)
      await client.query('BEGIN')
      assert.match(prepared.facts, /"one line"/)
      const { rows } = await client.query(prepared.sql, [prepared.facts, prepared.body])
      await client.query(`INSERT INTO ${tables}.booking VALUES ($1)`, [id])
      await client.query(end)
      return rows[0].hookseal_receive as boolean
    }
    assert.equal(await take('undone', 'ROLLBACK'), true)
    assert.equal(await take('done', 'COMMIT'), true)
    assert.equal(await take('done', 'ROLLBACK'), false)
    await until(() => seen.length > 0, 'it is handled')
    assert.equal(await inbox.waitIdle({ timeout: 20 }), true)
    assert.deepEqual(seen, ['done 1'])
    assert.deepEqual(await sql(`SELECT event FROM ${tables}.booking`), [{ event: 'done' }])
    assert.equal((await inbox.receive(...request('done'))).duplicate, true)
    assert.equal((await inbox.receive(...request('undone', { n: 2 }))).duplicate, false)
  } finally {
    await client.end()
  }
})

onStore('postgres', 'strangers are refused, and bodies stay out of the facts', async () => {
  const tables = schema()
  await using inbox = new Inbox(database(tables), webhook)
  const [body, headers] = request('one', { room: 7 })
  assert.throws(() => inbox.prepare(`${body} `, headers), { code: 'signature_mismatch' })
  const prepared = inbox.prepare(body, headers)
  assert.equal(prepared.sql, `SELECT ${prepared.function}($1, $2)`)
  assert.equal(prepared.function, `"${tables}".hookseal_receive`)
  assert.equal(Buffer.from(prepared.body).toString(), body)
  assert.doesNotMatch(prepared.facts, /room/)
})

onStore('postgres', 'as the page shows it', async () => {
  const tables = schema()
  await using inbox = new Inbox(database(tables), webhook)
  await sql(`CREATE TABLE ${tables}.booking (event text)`)
  const page = readFileSync(join(__dirname, '../../docs/inbox.md'), 'utf8')
  const snippets = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!)
  const [code, ...others] = snippets.filter((snippet) => snippet.includes('inbox.prepare'))
  assert.ok(code !== undefined && others.length === 0)
  const file = join(__dirname, `inbox-page-${process.pid}.mjs`)
  writeFileSync(file, `export default (inbox) => {\n${code}\nreturn take\n}\n`)
  const client = new Client({ connectionString: server() })
  await client.connect()
  try {
    const { default: taking } = await import(pathToFileURL(file).href)
    const take = taking(inbox)
    await client.query(`SET search_path = ${tables}`)
    for (const id of ['one', 'one', 'two']) await take(client, ...request(id))
    const { rows } = await client.query('SELECT event FROM booking')
    assert.deepEqual(rows, [{ event: 'one' }, { event: 'two' }])
    assert.equal((await inbox.events.list()).items.length, 2)
  } finally {
    await client.end()
    rmSync(file)
  }
})

void test('only a database has such transactions', async () => {
  for (const url of ['memory:', `sqlite:${path()}`]) {
    await using inbox = new Inbox(url, webhook)
    assert.throws(
      () => inbox.prepare(...request('one')),
      (error: ConfigError) => {
        assert.deepEqual([error.constructor, error.code], [ConfigError, 'invalid_argument'])
        assert.match(error.message, /Only an inbox in PostgreSQL .* use `receive`/)
        return true
      },
    )
  }
})
