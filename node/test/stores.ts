// The stores that the senders' tests run on: each in a file, and each in a schema of a PostgreSQL database.
import { test } from 'node:test'

import { Client } from 'pg'

import { closeSenders, path } from './receiver.js'

export type Kind = 'sqlite' | 'postgres'

/** After how many seconds others take what one that died was delivering, on PostgreSQL in these tests. */
export const LEASE = 3

let kind: Kind = 'sqlite'
const schemas: string[] = []
let count = 0

/** A test that runs on each store. */
export function onEachStore(name: string, body: () => unknown): void {
  for (const each of ['sqlite', 'postgres'] as const) onStore(each, name, body)
}

/** A test that runs on this store. */
export function onStore(on: Kind, name: string, body: () => unknown): void {
  void test(`${name} (${on})`, async () => {
    kind = on
    try {
      await body()
    } finally {
      await closeSenders()
      kind = 'sqlite'
      const used = schemas.splice(0)
      if (used.length > 0) await sql(`DROP SCHEMA IF EXISTS ${used.join(', ')} CASCADE`)
    }
  })
}

/** Whether the test runs on a store of which one process delivers all. */
export function oneDelivers(): boolean {
  return kind === 'sqlite'
}

/** The url of a store of the test's own. */
export function store(): string {
  return kind === 'sqlite' ? `sqlite:${path()}` : database(schema())
}

/** The name of a schema that nobody else uses; it is removed when the test has ended. */
export function schema(): string {
  schemas.push(`node_${process.pid}_${++count}`)
  return schemas.at(-1)!
}

/** The url of the store in this schema. */
export function database(schema: string): string {
  return `${server()}?hookseal_schema=${schema}&hookseal_lease=${LEASE}`
}

/** The url of the server to test on. */
export function server(): string {
  const url = process.env.HOOKSEAL_TEST_POSTGRES
  if (url) return url
  throw new Error(
    'These tests need a server: run them by `scripts/postgres run …`, or set HOOKSEAL_TEST_POSTGRES.',
  )
}

/** Runs statements as any program could; the rows of the last one. */
export async function sql(
  text: string,
  values?: unknown[],
  url = server(),
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const done = await client.query(text, values)
    return [done].flat().at(-1)!.rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}
