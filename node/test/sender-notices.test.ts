// What the owners of endpoints are told.
import assert from 'node:assert/strict'

import { type Notice, RetryPolicy, type Sender } from 'hookseal'

import { open, receiver, started, until } from './receiver.js'
import { onEachStore, store } from './stores.js'

const once = new RetryPolicy([])

/** An endpoint that has asked for no more events. */
async function refused(sender: Sender): Promise<number> {
  const { url } = await receiver(() => 410)
  const { id } = await sender.endpoints.create(url)
  await sender.send('a', {})
  await sender.waitIdle()
  return id
}

onEachStore('a callback is told once, and what it was told is over', async () => {
  const url = store()
  const sender = await started({}, url)
  const [disabled, failed] = [[] as Notice[], [] as Notice[]]
  sender
    .on('endpoint.disabled', (notice) => disabled.push(notice))
    .on('delivery.failed', async (notice) => failed.push(notice))
  const id = await refused(sender)
  await until(() => disabled.length === 1 && failed.length === 1, 'both are told')
  const [notice] = disabled
  assert.deepEqual([notice?.kind, notice?.endpoint, notice?.delivery], ['endpoint.disabled', id, 1])
  assert.ok(notice!.createdAt instanceof Date)
  assert.equal((await sender.endpoints.get(id)).disabledReason, 'refused')
  await new Promise((resolve) => setTimeout(resolve, 100))
  await sender.close()
  const again = open({}, url)
  again.on('endpoint.disabled', (notice) => disabled.push(notice))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  assert.equal(disabled.length, 1)
})

onEachStore('a callback is called at once, also after a while in which nothing happened', async () => {
  const sender = await started()
  const told: Notice[] = []
  sender.on('delivery.failed', (notice) => told.push(notice))
  const { url } = await receiver(() => 500)
  await sender.endpoints.create(url, { retry: once })
  for (let n = 0; n < 3; n++) {
    await new Promise((resolve) => setTimeout(resolve, 400 * n))
    await sender.send('a', n)
    await sender.waitIdle()
    const begun = performance.now()
    await until(() => told.length === n + 1, 'it is told')
    assert.ok(performance.now() - begun < 300, 'no timer is waited for')
  }
})

onEachStore('a callback that fails is called again', async () => {
  const warnings: Error[] = []
  process.on('warning', (warning) => warnings.push(warning))
  const sender = await started()
  let calls = 0
  sender.on('endpoint.disabled', async () => {
    if (++calls === 1) throw new Error('not now')
  })
  await refused(sender)
  await until(() => calls === 2, 'it is called again')
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['not now'],
  )
})

onEachStore('notices are read one after the other, and acknowledged when the next is asked for', async () => {
  const url = store()
  const sender = await started({}, url)
  await refused(sender)
  const kinds: string[] = []
  for await (const { kind } of sender.notices()) {
    kinds.push(kind)
    if (kinds.length === 2) break
  }
  assert.deepEqual(kinds.toSorted(), ['delivery.failed', 'endpoint.disabled'])
  const [first] = [await sender.notices().next()]
  assert.equal(first.value?.kind, kinds[1], 'the last one was not acknowledged')
})

onEachStore('a notice is awaited, until the sender is closed or the signal aborted', async () => {
  const sender = await started()
  const controller = new AbortController()
  const aborted = sender.notices({ signal: controller.signal }).next()
  const ended = sender.notices().next()
  const awaited = sender.notices().next()
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(aborted, { name: 'AbortError' })
  const { url } = await receiver(() => 500)
  await sender.endpoints.create(url, { retry: once })
  await sender.send('a', {})
  assert.equal((await awaited).value?.kind, 'delivery.failed')
  assert.equal((await ended).value?.kind, 'delivery.failed')
  const last = sender.notices()
  await last.next()
  const after = last.next()
  await sender.close()
  assert.deepEqual(await after, { value: undefined, done: true })
})
