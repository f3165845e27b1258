"""An event and what goes with it, stored in one transaction with Knex, as docs/inbox.md says."""

from __future__ import annotations

import json
import os
import subprocess

import psycopg
from hookseal import Inbox, Secret, Webhook
from test_examples import EXAMPLES

PROGRAM = """
import knex from 'knex'
import { Inbox, Webhook } from 'hookseal'

const { server, store, schema, secret, requests } = JSON.parse(process.env.ORDER)
const inbox = new Inbox(store, new Webhook(secret))
const database = knex({ client: 'pg', connection: server })
for (const [body, headers, commit] of requests) {
  const transaction = await database.transaction()
  const prepared = inbox.prepare(body, headers)
  const statement = `SELECT ${prepared.function}(?, ?) AS new`
  const { rows } = await transaction.raw(statement, [prepared.facts, prepared.body])
  await transaction.withSchema(schema).table('booking').insert({ event: prepared.id })
  await (commit ? transaction.commit() : transaction.rollback())
  console.log(prepared.id, rows[0].new)
}
await database.destroy()
await inbox.close()
"""


def test_with_knex() -> None:
    server = os.environ["HOOKSEAL_TEST_POSTGRES"]
    schema = f"examples_inbox_{os.getpid()}"
    store = f"{server}?hookseal_schema={schema}"
    webhook = Webhook(secret := Secret.generate())
    body = b'{"type": "thing.made", "data": {"room": "Gr\xc3\xbcn"}}'
    requests = [
        (body.decode(), webhook.sign(body, id=id), commit)
        for id, commit in (("undone", False), ("done", True), ("done", False))
    ]
    inbox = Inbox(store, webhook)
    with psycopg.connect(server, autocommit=True) as database:
        try:
            database.execute(f"CREATE TABLE {schema}.booking (event text)".encode())
            order = {"server": server, "store": store, "schema": schema, "requests": requests}
            done = subprocess.run(
                ["node", "--input-type=module", "--eval", PROGRAM],
                cwd=EXAMPLES,
                env={**os.environ, "ORDER": json.dumps({**order, "secret": secret.expose()})},
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert (done.stdout.splitlines(), done.stderr) == (["undone true", "done true", "done false"], "")
            assert database.execute(f"SELECT event FROM {schema}.booking".encode()).fetchall() == [("done",)]
            assert [event.id for event in inbox.events.list().items] == ["done"]
            assert inbox.events.get("done").body == body
        finally:
            inbox.close()
            database.execute(f"DROP SCHEMA {schema} CASCADE".encode())
