// The store in PostgreSQL: what can be wrong with a database, and what others do there.
import assert from 'node:assert/strict'

import { StoreError, Webhook } from 'hookseal'

import { open, receiver, started, until } from './receiver.js'
import { database, onStore, schema, server, sql } from './stores.js'

/** The server's url with something else in it. */
function at(change: { username?: string; password?: string; port?: string; pathname?: string }): string {
  return Object.assign(new URL(server()), change).href
}

function refused(url: string, code: string, advice = /./): void {
  assert.throws(
    () => open({}, url),
    (error: StoreError) => {
      assert.deepEqual([error.constructor, error.code], [StoreError, code])
      assert.match(error.message, advice)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
  )
}

onStore('postgres', 'databases that cannot be used', async () => {
  refused(at({ port: '1' }), 'store_unavailable', /database running/)
  refused(at({ password: 'hunter2' }), 'store_unavailable', /user and password/)
  refused(at({ pathname: '/no_such_database' }), 'store_unavailable', /Create the database/)
  const theirs = schema()
  await sql(`CREATE SCHEMA ${theirs}; CREATE TABLE ${theirs}.meta (theirs text)`)
  refused(database(theirs), 'store_schema')
  for (const url of [
    'postgres://user:hunter2@host:port/database',
    `${server()}?hookseal_pool=0`,
    `${server()}?hookseal_schema=public`,
  ])
    assert.throws(() => open({}, url), { code: 'invalid_argument' }, url)
})

onStore('postgres', 'a role needs rights on the tables, and none to make them', async () => {
  const { url: to, received } = await receiver()
  const [tables, role] = [schema(), `node_role_${process.pid}`]
  const url = `${at({ username: role, password: 'hunter2' })}?hookseal_schema=${tables}`
  await sql(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`)
  try {
    refused(url, 'store_read_only')
    await open({}, database(tables)).close()
    refused(url, 'store_read_only')
    await sql(`GRANT USAGE ON SCHEMA ${tables} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${tables} TO ${role};
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${tables} TO ${role};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${tables} TO ${role}`)
    await using sender = await started({}, url)
    await sender.endpoints.create(to)
    await sender.send('a', {})
    assert.equal(await sender.waitIdle({ timeout: 20 }), true)
    assert.equal(received.length, 1)
  } finally {
    await sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})

onStore('postgres', "an event is sent in anybody's transaction, and rolled back with it", async () => {
  const { url, received } = await receiver()
  const tables = schema()
  const sender = await started({}, database(tables))
  const { secret } = await sender.endpoints.create(url, { tenant: 'acme' })
  const send = `SELECT ${tables}.hookseal_send('booking.created', '{"n": 1}', 'N', 'acme')`
  await sql(`BEGIN; ${send.replace('N', 'undone')}; ROLLBACK; BEGIN; ${send.replace('N', 'done')}; COMMIT`)
  const begun = performance.now()
  await until(() => received.length > 0, 'it is delivered')
  assert.ok(performance.now() - begun < 2000)
  await sender.waitIdle()
  assert.equal(received.length, 1)
  const event = new Webhook(secret!).verify(received[0]!.body, received[0]!.headers)
  assert.deepEqual([event.id, event.type, event.data], ['done', 'booking.created', { n: 1 }])
})

onStore('postgres', 'connections that were cut are made anew', async () => {
  const { url: to, received } = await receiver()
  const tables = schema()
  const sender = await started({}, `${database(tables)}&application_name=${tables}`)
  await sender.endpoints.create(to)
  await sender.send('a', 1)
  await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${tables}'`)
  await until(
    () =>
      sender.send('a', 2, { id: 'after' }).then(
        () => true,
        (error) => (assert.equal(error.code, 'store_unavailable'), false),
      ),
    'the connection is there again',
  )
  assert.equal(await sender.waitIdle({ timeout: 20 }), true)
  const ids = new Set(received.map(({ headers }) => headers['webhook-id']))
  assert.deepEqual([ids.size, ids.has('after')], [2, true])
})
