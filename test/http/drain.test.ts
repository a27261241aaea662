import t from 'tap'
import { startApp, startUpstream, until } from '../helper.ts'
import { connectTo } from '../uploads/wire.ts'

const ID = 'UF-2026-11-0000-0001'

t.test('a stopping instance refuses new requests, answers running ones, and is not ready', async (t) => {
  let release: () => void = () => {}
  let isAsked = false
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    isAsked = true
    release = () => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: ID, status: 'draft' }))
    }
  })
  const { app, port } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const [running, kept, ready] = await Promise.all([connectTo(t, port), connectTo(t, port), connectTo(t, port)])
  await kept.sendHead({ method: 'GET', path: '/health/ready', key: null })
  t.match(await kept.answer(), { status: 200 })
  await running.sendHead({ method: 'GET', path: `/v1/usage-files/${ID}` })
  await until(() => isAsked, 'the call')

  app.startDraining()
  await kept.sendHead({ method: 'GET', path: `/v1/usage-files/${ID}` })
  t.match(await kept.answer(), {
    status: 503,
    headers: { 'retry-after': '1', connection: 'close', 'content-type': /^application\/problem\+json/ },
    json: { code: 'DRAINING' }
  })
  await ready.sendHead({ method: 'GET', path: '/health/ready', key: null })
  t.match(await ready.answer(), { status: 503, headers: { connection: 'close' } })
  await until(() => kept.isClosed() && ready.isClosed(), 'the refused connections to end')

  const closing = app.close()
  release()
  t.match(await running.answer(), { status: 200, headers: { connection: 'close' }, json: { id: ID } })
  await closing
})

t.test('idle connections do not delay the stop', async (t) => {
  const { app, port } = await startApp(t)
  const idle = await connectTo(t, port)
  await idle.sendHead({ method: 'GET', path: '/health/live', key: null })
  t.match(await idle.answer(), { status: 200 })
  const startedAt = Date.now()
  await app.close()
  t.ok(Date.now() - startedAt < 10_000)
  await until(idle.isClosed, 'the end of the connection')
})

t.test('connections without a whole request do not delay the stop', async (t) => {
  const { app, port } = await startApp(t)
  const [silent, half] = await Promise.all([connectTo(t, port), connectTo(t, port)])
  half.socket.write('GET /health/live HTTP/1.1\r\nHost:')
  const startedAt = Date.now()
  await app.close()
  t.ok(Date.now() - startedAt < 10_000)
  await until(() => silent.isClosed() && half.isClosed(), 'the end of the connections')
})
