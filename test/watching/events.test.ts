import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import t from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { EventStream } from '../../src/watching/event-stream.ts'
import { POLL_TIMES } from '../../src/watching/poller.ts'
import { asProvider, testCallers, until } from '../helper.ts'
import { openEvents as open, startWithConnect as start } from './event-reader.ts'
import { fileIdOf } from './fake-connect.ts'
import { GAP } from './fixture.ts'

const FILE = fileIdOf(1)
const OTHER = fileIdOf(2)

t.test('a stream of ids begins with the present status and tells each change', async (t) => {
  const chunk = 'UFC-2026-11-0001-0001-001'
  const reconciliation = 'RCF-2026-11-0001-0001-001'
  const app = await start(t, [
    { id: FILE, status: 'draft' },
    { id: chunk, status: 'draft', usagefile: { id: FILE } },
    { id: reconciliation, status: 'uploaded', usagefile: { id: FILE } }
  ])
  const { connect } = app
  const stream = await open(t, app, `?fileId=${FILE},${OTHER}&chunkId=${chunk}&reconciliationId=${reconciliation}`)
  t.equal(stream.response.statusCode, 200)
  t.equal(stream.response.headers['content-type'], 'text/event-stream')
  t.match(stream.response.headers['cache-control'], 'no-store')
  await until(() => stream.events.length === 4, 'the present state')
  t.same(stream.told().sort(), [
    `reconciliation ${reconciliation} null>uploaded`,
    `usage-chunk ${chunk} null>draft`,
    `usage-file ${FILE} null>draft`,
    `usage-file ${OTHER} null>null`
  ].sort())
  t.match(stream.events[0]?.data.at, /^\d{4}-.*Z$/)
  t.match(stream.text(), /^retry: \d{4}\n\n/)
  for (const [id, status, line] of [
    [FILE, 'processing', `usage-file ${FILE} draft>processing`],
    [FILE, 'ready', `usage-file ${FILE} processing>ready`],
    [chunk, 'ready', `usage-chunk ${chunk} draft>ready`],
    [reconciliation, 'processed', `reconciliation ${reconciliation} uploaded>processed`]
  ] as const) {
    connect.set(id, { status })
    await until(() => stream.told().includes(line), line)
  }
  connect.objects.delete(FILE)
  await until(() => stream.told().includes(`usage-file ${FILE} ready>null`), 'the deletion')
  t.equal(stream.events.length, 9, 'nothing is told twice')
})

t.test('a stream without ids shows the open files of the account', async (t) => {
  const ids = [1, 2, 3, 4].map(fileIdOf)
  const app = await start(t, [
    { id: ids[0]!, status: 'processing' }, { id: ids[1]!, status: 'pending' }, { id: ids[2]!, status: 'closed' }
  ])
  const { connect } = app
  const stream = await open(t, app)
  await until(() => stream.events.length === 2, 'the present state')
  t.same(stream.told().sort(), [`usage-file ${ids[0]!} null>processing`, `usage-file ${ids[1]!} null>pending`])
  connect.set(ids[0]!, { status: 'ready' })
  await until(() => stream.told().includes(`usage-file ${ids[0]!} processing>ready`), 'the end of processing')
  connect.set(ids[1]!, { status: 'accepted' })
  await until(() => stream.told().includes(`usage-file ${ids[1]!} pending>accepted`), 'the decision')
  connect.set(ids[3]!, { status: 'uploading' })
  await until(() => stream.told().includes(`usage-file ${ids[3]!} null>uploading`), 'a new file')
  const late = await open(t, app)
  await until(() => late.events.length === 1, 'the present state of a later stream')
  t.same(late.told(), [`usage-file ${ids[3]!} null>uploading`])
  t.equal(stream.events.length, 5)
  stream.request.destroy()
  late.request.destroy()
  await until(async () => {
    const calls = connect.calls.length
    await new Promise(resolve => setTimeout(resolve, 3 * GAP))
    return connect.calls.length === calls
  }, 'silence when nobody watches')
})

t.test('a stream says when Connect cannot be asked, and tells the state anew afterwards', async (t) => {
  const app = await start(t, [{ id: FILE, status: 'processing' }, { id: OTHER, status: 'pending' }])
  const { connect } = app
  const streams = [await open(t, app, `?fileId=${FILE}`), await open(t, app)]
  await until(() => streams[0]!.events.length === 1 && streams[1]!.events.length === 2, 'the present state')
  connect.onCall = (_call, response) => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"error_code":"X_1","errors":["down"]}')
    return 'handled'
  }
  await until(() => streams.every(stream => stream.told().includes('stale')), 'stale')
  const late = await open(t, app, `?fileId=${FILE}`)
  await until(() => late.told().includes('stale'), 'stale at the beginning')
  connect.set(OTHER, { status: 'accepted' })
  connect.onCall = () => undefined
  await until(() => streams[0]!.told().at(-1) === `usage-file ${FILE} null>processing`, 'the state again')
  await until(() => late.told().at(-1) === `usage-file ${FILE} null>processing`, 'the state of the late stream')
  await until(() => streams[1]!.told().includes(`usage-file ${OTHER} pending>accepted`), 'what changed meanwhile')
  t.equal(streams[0]!.told().filter(line => line === 'stale').length, 1)
})

t.test('a stream that is opened in the middle of an outage says so, also after all others have left', async (t) => {
  const app = await start(t, [{ id: OTHER, status: 'pending' }])
  const { connect } = app
  connect.onCall = (_call, response) => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"error_code":"X_1","errors":["down"]}')
    return 'handled'
  }
  const first = await open(t, app)
  await until(() => first.told().includes('stale'), 'stale')
  const beside = await open(t, app)
  await until(() => beside.told().includes('stale'), 'stale beside the first')
  for (const { request } of [first, beside]) request.destroy()
  const later = await open(t, app)
  await until(() => later.told().includes('stale'), 'stale after the others')
  connect.onCall = () => undefined
  await until(() => later.told().at(-1) === `usage-file ${OTHER} null>pending`, 'the state')
  t.same(later.told(), ['stale', `usage-file ${OTHER} null>pending`])
})

t.test('a stream says so when Connect does not answer, long before the time-out of the call', async (t) => {
  const before = { ...POLL_TIMES }
  t.teardown(() => { Object.assign(POLL_TIMES, before) })
  POLL_TIMES.staleMs = 200
  const app = await start(t, [{ id: FILE, status: 'processing' }])
  const { connect } = app
  const stream = await open(t, app, `?fileId=${FILE}`)
  await until(() => stream.events.length === 1, 'the present state')
  const held: ServerResponse[] = []
  connect.onCall = (_call, response) => {
    held.push(response)
    return 'handled'
  }
  await until(() => stream.told().includes('stale'), 'stale')
  connect.onCall = () => undefined
  for (const response of held) response.destroy()
  await until(() => stream.told().at(-1) === `usage-file ${FILE} null>processing`, 'the state again')
  t.equal(stream.told().filter(line => line === 'stale').length, 1)
})

t.test('comments keep a stream alive', async (t) => {
  const app = await start(t, [{ id: FILE, status: 'draft' }], { eventBeatMs: 120 })
  const stream = await open(t, app, `?fileId=${FILE}`)
  await until(() => stream.text().split('\n:\n').length > 3, 'comments')
  t.equal(stream.hasEnded(), false)
})

t.test('a stream and a wait end with their credential', async (t) => {
  const callers = testCallers()
  const key = { id: 'k', sha256: sha256Hex('mortal-key'), expiresAt: new Date(Date.now() + 3_600_000) }
  const app = await start(t, [{ id: FILE, status: 'draft' }], {
    callers: { entries: [...callers.entries, { ...callers.entries[1]!, id: 'mortal', keys: [key] }] }
  })
  const other = await open(t, app)
  const endsAt = key.expiresAt = new Date(Date.now() + 2_000)
  const dying = await open(t, app, '', { 'x-api-key': 'mortal-key' })
  const waited = fetch(`${app.origin}/v1/usage-files/${FILE}`, {
    headers: { 'x-api-key': 'mortal-key', prefer: 'wait=50', 'if-none-match': '*' }
  })
  await until(dying.hasEnded, 'the end of the key')
  t.ok(Date.now() >= endsAt.getTime() - 50)
  t.equal((await waited).status, 304)
  t.equal(other.hasEnded(), false)
})

t.test('a stream whose caller does not read is cut off at a bound', async (t) => {
  const stream = new EventStream()
  const stuck = new Writable({ highWaterMark: 16_384, write: () => {} })
  stream.once('error', () => {})
  stream.pipe(stuck)
  const at = new Date().toISOString()
  let told = 0
  for (; told < 10_000 && !stream.destroyed; told += 1) {
    stream.tell('usage-file', { id: FILE, status: 'ready', previousStatus: 'draft', at })
    if (told % 100 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  t.ok(stream.destroyed)
  t.ok(told > 100 && told < 1_500, `${told} events`)
  t.match(stream.errored, { name: 'SlowReaderError' })
  stream.tell('usage-file', { id: FILE, status: 'ready', previousStatus: 'draft', at })
  stream.end()
})

t.test('a stop ends streams and waits at once', async (t) => {
  const app = await start(t, [{ id: FILE, status: 'processing' }])
  const streams = await Promise.all(Array.from({ length: 40 }, async () => await open(t, app, `?fileId=${FILE}`)))
  const waits = Array.from({ length: 40 }, async () => await fetch(`${app.origin}/v1/usage-files/${FILE}`, {
    headers: { ...asProvider, prefer: 'wait=50' }
  }))
  await until(() => app.app.watching.waiting === 40 && streams.every(({ events }) => events.length === 1), 'all wait')
  const begin = performance.now()
  app.app.startDraining()
  const closed = app.app.close()
  const answers = await Promise.all(waits)
  t.same(answers.map(({ status }) => status), Array(40).fill(200))
  t.match(await answers[0]!.json(), { id: FILE, status: 'processing' })
  await until(() => streams.every(({ hasEnded }) => hasEnded()), 'the ends of the streams')
  await closed
  t.ok(performance.now() - begin < 10_000)
})

t.test('a stream without a socket of its own ends with the app', async (t) => {
  const { app, connect } = await start(t, [{ id: FILE, status: 'processing' }])
  const answer = app.inject({ url: '/v1/events', headers: asProvider })
  await until(() => connect.lists().length > 0, 'a list')
  await app.close()
  t.match((await answer).body, /^retry: \d{4}\n\n/)
})

t.test('HEAD, other methods, other parameters', async (t) => {
  const { origin, connect } = await start(t, [])
  const head = await fetch(`${origin}/v1/events`, { method: 'HEAD', headers: asProvider })
  t.equal(head.status, 200)
  t.equal(head.headers.get('content-type'), 'text/event-stream')
  const post = await fetch(`${origin}/v1/events`, { method: 'POST', headers: asProvider })
  t.equal(post.status, 405)
  t.equal(post.headers.get('allow'), 'GET, HEAD')
  for (const query of ['fileId=x', 'fileId=', 'productId=PRD-1', 'lastEventId=1']) {
    t.equal((await fetch(`${origin}/v1/events?${query}`, { headers: asProvider })).status, 400, query)
  }
  t.equal(connect.calls.length, 0)
})
