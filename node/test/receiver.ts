// What the tests of the sender share: a receiver of requests and a place for stores.
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

import { Sender, type SenderOptions } from 'hookseal'

import { store } from './stores.js'

export interface Received {
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A status code, or what to do instead of answering. */
export type Answer = (request: Received, count: number) => number | Promise<number>

const servers: Server[] = []
const senders: Sender[] = []
const folder = mkdtempSync(join(tmpdir(), 'hookseal-'))
let stores = 0

after(async () => {
  await closeSenders()
  servers.forEach((server) => (server.closeAllConnections(), server.close()))
  rmSync(folder, { recursive: true, force: true })
})

/** A receiver on this machine that remembers what it got. */
export async function receiver(answer: Answer = () => 200): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const got = { headers: request.headers, body: Buffer.concat(chunks) }
    const count = received.push(got)
    response.writeHead(await answer(got, count)).end('thanks')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks`, received }
}

/** Closes what was opened. */
export async function closeSenders(): Promise<void> {
  await Promise.all(senders.splice(0).map((sender) => sender.close()))
}

/** The path of a file that does not exist yet. */
export function path(name = 'store.db'): string {
  return join(folder, `${++stores}-${name}`)
}

/** A sender that may send to this machine; on a store of its own unless a url is given. */
export function open(options?: SenderOptions, url = store()): Sender {
  const sender = new Sender(url, { allowHttp: true, allowPrivate: true, ...options })
  senders.push(sender)
  return sender
}

export async function started(options?: SenderOptions, url?: string): Promise<Sender> {
  const sender = open(options, url)
  await sender.start()
  return sender
}

/** Waits until it is so. */
export async function until(so: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const last = Date.now() + 20_000
  while (!(await so())) {
    if (Date.now() > last) throw new Error(`It did not come to that: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
