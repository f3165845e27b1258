// The sender in Node: takes jobs as lines of JSON and answers each with a line that tells its attempts.
import { createInterface } from 'node:readline'
import { Client, Endpoint, Provider } from 'hookseal'

// Everything in the demo happens on this machine, without TLS.
const client = new Client({ allowHttp: true, allowPrivate: true })
const events = new Map()

for await (const line of createInterface({ input: process.stdin })) {
  const { job, provider, type, url, secret } = JSON.parse(line)
  const key = `${provider} ${type}`
  // One event goes to all its endpoints.
  if (!events.has(key)) events.set(key, Provider.builtin(provider).example(type))
  const delivery = client.deliver(new Endpoint(url, secret, { provider }), events.get(key))
  delivery.then(
    ({ delivered, attempts }) => answer({ job, delivered, attempts: attempts.map(told) }),
    (error) => answer({ job, failure: `${error.code}: ${error.message}` }),
  )
}

function told({ responseCode, errorCode, durationMs, startedAt }) {
  return {
    code: responseCode ?? null,
    error: errorCode ?? null,
    ms: durationMs,
    at: startedAt.getTime() / 1000,
  }
}

function answer(message) {
  console.log(JSON.stringify(message))
}
