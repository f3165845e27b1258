// What people write by hand: sign, post, keep nothing. `node bench/loop.mjs <url> <events> <at a time>`.
//
// Prints what it used and requests per second. undici's pool where undici is installed (the one that Node's `fetch`
// is built on cannot be imported), else node:http with an agent that keeps connections.
import { createHmac, randomUUID } from 'node:crypto'
import http from 'node:http'

const [url, events, senders] = process.argv.slice(2)
const key = Buffer.alloc(24, 7)
const undici = await import('undici').catch(() => undefined)
const post = undici ? overUndici(undici) : overHttp()
const data = { text: 'x'.repeat(900) }

let left = Number(events)
const begun = process.hrtime.bigint()
await Promise.all(Array.from({ length: Number(senders) }, send))
const seconds = Number(process.hrtime.bigint() - begun) / 1e9
console.log(`${undici ? 'undici' : 'node:http'} ${(Number(events) / seconds).toFixed(1)}`)
process.exit(0)

async function send() {
  while (left-- > 0) {
    const now = new Date()
    const body = JSON.stringify({ type: 'bench', timestamp: now, data })
    const id = `msg_${randomUUID()}`
    const timestamp = String(Math.floor(now / 1000))
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    const status = await post(body, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    })
    if (status !== 200) throw new Error(`status ${status}`)
  }
}

function overUndici({ Pool }) {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: Number(senders) })
  return async (body, headers) => {
    const response = await pool.request({ path: pathname, method: 'POST', headers, body })
    await response.body.dump()
    return response.statusCode
  }
}

function overHttp() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number(senders) })
  return (body, headers) =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      })
      request.on('error', reject)
      request.end(body)
    })
}
