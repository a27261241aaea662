import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { createUsageClient, type UsageEvent } from '../../clients/typescript/src/index.ts'
import { makeApp, PROVIDER_KEY, until } from '../helper.ts'
import { fileIdOf, startFakeConnect } from '../watching/fake-connect.ts'

const FILE = fileIdOf(1)

t.test('events go on after a restart of the service, and end with the signal', async (t) => {
  const connect = await startFakeConnect(t, [{ id: FILE, status: 'processing' }])
  const options = { watchGapMs: 30, env: { CONNECT_BASE_URL: connect.baseUrl } }
  const { app } = await makeApp(t, options)
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const client = createUsageClient({ baseUrl, credential: { key: PROVIDER_KEY } })

  const events: UsageEvent[] = []
  const controller = new AbortController()
  const reading = (async () => {
    for await (const event of client.events({ fileId: [FILE] }, { signal: controller.signal })) events.push(event)
  })()
  await until(() => events.length === 1, 'the present status')
  t.match(events[0], { type: 'usage-file', id: FILE, status: 'processing', previousStatus: null, at: /Z$/ })
  connect.set(FILE, { status: 'ready' })
  await until(() => events.length === 2, 'the change')
  t.match(events[1], { status: 'ready', previousStatus: 'processing' })

  await app.close()
  connect.set(FILE, { status: 'pending' })
  const { app: next } = await makeApp(t, options)
  await next.listen({ host: '127.0.0.1', port })
  await until(() => events.length === 3, 'the status after the restart')
  t.match(events[2], { status: 'pending', previousStatus: null })

  controller.abort()
  await reading
  t.equal(events.length, 3, 'the loop ends without an error')
})

t.test('what the service refuses for good ends the events with an error', async (t) => {
  const { app } = await makeApp(t)
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = createUsageClient({ baseUrl, credential: { key: 'unknown' } })
  await t.rejects(client.events().next(), { name: 'UsageApiError', code: 'UNAUTHENTICATED' })
})

t.test('a loop that is left closes its connection', async (t) => {
  const connect = await startFakeConnect(t, [{ id: FILE, status: 'processing' }])
  const { app } = await makeApp(t, { watchGapMs: 30, env: { CONNECT_BASE_URL: connect.baseUrl } })
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = createUsageClient({ baseUrl, credential: { key: PROVIDER_KEY } })
  const events = client.events()
  t.match(await events.next(), { value: { id: FILE } })
  await events.return()
  const getOpen = promisify(app.server.getConnections.bind(app.server))
  await until(async () => await getOpen() === 0, 'no connection')
})
