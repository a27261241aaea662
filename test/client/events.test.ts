import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import { setImmediate as immediate } from 'node:timers/promises'
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

t.test('a connection counts as silent only while the loop waits for it', async (t) => {
  const signals: AbortSignal[] = []
  const open: Array<ReadableStreamDefaultController<Uint8Array>> = []
  const fetch = async (_input: unknown, { signal }: RequestInit = {}): Promise<Response> => {
    signals.push(signal!)
    return new Response(new ReadableStream<Uint8Array>({
      start: stream => {
        open.push(stream)
        signal!.addEventListener('abort', () => { stream.error(signal!.reason) })
      }
    }))
  }
  const send = (text: string): void => { open[0]?.enqueue(new TextEncoder().encode(text)) }
  const controller = new AbortController()
  const client = createUsageClient({ baseUrl: 'http://127.0.0.1:9', credential: { key: PROVIDER_KEY }, fetch })
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const events = client.events({}, { signal: controller.signal })
    const first = events.next()
    await immediate()
    send('event: stale\n\n')
    t.match(await first, { value: { type: 'stale' } })
    mock.timers.tick(60_000)
    t.equal(signals[0]?.aborted, false, 'the caller handles an event for 60 s')
    send(': still here\n\nevent: stale\n\n')
    t.match(await events.next(), { value: { type: 'stale' } })
    t.equal(signals.length, 1, 'the same connection goes on')

    const last = events.next()
    await immediate()
    mock.timers.tick(39_000)
    t.equal(signals[0]?.aborted, false)
    mock.timers.tick(1000)
    t.equal(signals[0]?.aborted, true, 'nothing came for 40 s')
    controller.abort()
    t.match(await last, { done: true })
  } finally {
    mock.timers.reset()
  }
})
