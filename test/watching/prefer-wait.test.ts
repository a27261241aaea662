import { readFileSync } from 'node:fs'
import t from 'tap'
import { asProvider, asVendor, startApp, startBoth, until, type StartedApp, type Teardown } from '../helper.ts'
import { fileIdOf, startFakeConnect, type FakeConnect, type FakeObject } from './fake-connect.ts'

const FILE = fileIdOf(1)
const CHUNK = 'UFC-2026-11-0001-0001-001'
const RECONCILIATION = 'RCF-2026-11-0001-0001-001'
const GAP = 30

type Started = StartedApp & {
  connect: FakeConnect
  get: (path: string, headers?: Record<string, string>) => Promise<Response>
}

async function start (t: Teardown, objects: readonly FakeObject[]): Promise<Started> {
  const connect = await startFakeConnect(t, objects)
  const app = await startApp(t, { env: { CONNECT_BASE_URL: connect.baseUrl }, watchGapMs: GAP })
  return {
    ...app,
    connect,
    get: async (path, headers = {}) =>
      await fetch(`${app.origin}/v1${path}`, { headers: { ...asProvider, ...headers } })
  }
}

const statusOf = async (answer: Response): Promise<unknown> => (await answer.json() as { status?: unknown }).status

t.test('a read waits until the object is at rest', async (t) => {
  const { connect, get } = await start(t, [
    { id: FILE, status: 'processing' },
    { id: CHUNK, status: 'draft', usagefile: { id: FILE } },
    { id: RECONCILIATION, status: 'uploaded', usagefile: { id: FILE } }
  ])
  for (const [id, path, status] of [
    [FILE, `/usage-files/${FILE}`, 'ready'],
    [CHUNK, `/usage-chunks/${CHUNK}`, 'ready'],
    [RECONCILIATION, `/reconciliations/${RECONCILIATION}`, 'processed']
  ] as const) {
    const lists = connect.lists().length
    const waited = get(path, { prefer: 'wait=20' })
    await until(() => connect.lists().length >= lists + 2, 'lists')
    connect.set(id, { status })
    const answer = await waited
    t.equal(answer.status, 200, path)
    t.equal(answer.headers.get('preference-applied'), 'wait=20')
    t.match(answer.headers.get('vary'), 'Prefer')
    t.equal(await statusOf(answer), status)
    const tag = answer.headers.get('etag') ?? ''
    t.match(tag, /^W\//)
    const again = await get(path, { 'if-none-match': tag })
    t.equal(again.status, 304)
    t.equal(again.headers.get('preference-applied'), null)
    t.match(again.headers.get('vary'), 'Prefer')
  }
})

t.test('a preference that cannot be followed is ignored', async (t) => {
  const { connect, get } = await start(t, [{ id: FILE, status: 'processing' }])
  for (const prefer of ['wait=0', 'wait=51', 'wait=x', 'return=minimal', 'wait=5.5', 'wait=0, wait=10']) {
    const answer = await get(`/usage-files/${FILE}`, { prefer })
    t.equal(await statusOf(answer), 'processing', prefer)
    t.equal(answer.headers.get('preference-applied'), null)
  }
  t.equal(connect.lists().length, 0)
})

t.test('when the time is over the object is given as it is', async (t) => {
  const { get } = await start(t, [{ id: FILE, status: 'processing' }])
  const begin = performance.now()
  const answer = await get(`/usage-files/${FILE}`, { prefer: 'wait=1' })
  t.ok(performance.now() - begin >= 990)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('preference-applied'), 'wait=1')
  t.equal(await statusOf(answer), 'processing')
})

t.test('with If-None-Match the answer comes when the ETag differs, also of an object at rest', async (t) => {
  const { connect, get } = await start(t, [{ id: FILE, status: 'pending' }])
  const path = `/usage-files/${FILE}`
  const tag = (await get(path)).headers.get('etag') ?? ''
  const other = await get(path, { prefer: 'wait=20', 'if-none-match': '"other"' })
  t.equal(other.status, 200, 'another tag: at once')
  t.equal(other.headers.get('preference-applied'), 'wait=20')
  const waited = get(path, { prefer: 'wait=20', 'if-none-match': tag })
  await until(() => connect.lists().length >= 2, 'lists')
  connect.set(FILE, { status: 'accepted', acceptance_note: 'Auto Approved' })
  const answer = await waited
  t.equal(answer.status, 200)
  t.not(answer.headers.get('etag'), tag)
  t.match(await answer.json(), { status: 'accepted', acceptanceNote: 'Auto Approved' })
  const none = await get(path, { prefer: 'wait=1', 'if-none-match': answer.headers.get('etag') ?? '' })
  t.equal(none.status, 304)
  t.equal(none.headers.get('preference-applied'), 'wait=1')
  t.equal(await none.text(), '')
})

t.test('an unknown object is 404 at once, one that is deleted meanwhile too', async (t) => {
  const { connect, get } = await start(t, [{ id: FILE, status: 'processing' }])
  t.equal((await get(`/usage-files/${fileIdOf(2)}`, { prefer: 'wait=20' })).status, 404)
  const waited = get(`/usage-files/${FILE}`, { prefer: 'wait=20' })
  await until(() => connect.lists().length >= 1, 'a list')
  connect.objects.delete(FILE)
  const answer = await waited
  t.equal(answer.status, 404)
  t.equal(answer.headers.get('preference-applied'), null)
})

t.test('waiting requests hold no slot of other work', async (t) => {
  const { connect, get, app } = await start(t, [
    { id: FILE, status: 'processing' }, { id: fileIdOf(2), status: 'ready' }
  ])
  // More than one caller may have under way at once.
  const waits = Array.from({ length: 300 }, async () => await get(`/usage-files/${FILE}`, { prefer: 'wait=50' }))
  await until(() => app.watching.waiting === 300, 'all wait')
  t.equal((await get(`/usage-files/${fileIdOf(2)}`)).status, 200)
  connect.set(FILE, { status: 'ready' })
  t.same(await Promise.all(waits.map(async answer => await statusOf(await answer))), Array(300).fill('ready'))
})

t.test('an upload waits; its answer is kept before, and a replay does not wait', async (t) => {
  const { origin, sandbox, app } = await startBoth(t, { processingMs: 1_000_000 }, { watchGapMs: GAP })
  const created = await fetch(`${origin}/v1/usage-files`, {
    method: 'POST',
    headers: { ...asVendor, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'x',
      productId: 'PRD-276-377-545',
      contractId: 'CRD-10000-20000-30000',
      period: { from: '2026-10-01', to: '2026-10-31' }
    })
  })
  const { id } = await created.json() as { id: string }
  t.equal(created.status, 201)
  const send = async (headers: Record<string, string>): Promise<Response> => await fetch(
    `${origin}/v1/usage-files/${id}/upload`,
    {
      method: 'POST',
      headers: {
        ...asVendor,
        'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        'idempotency-key': 'upload-1',
        ...headers
      },
      body: readFileSync('sandbox/samples/usage.xlsx')
    }
  )
  const first = send({ prefer: 'wait=50' })
  await until(() => app.watching.waiting === 1, 'the wait')
  const replay = await send({})
  t.equal(replay.status, 202)
  t.equal(replay.headers.get('idempotency-replayed'), 'true')
  const kept = await statusOf(replay)
  t.ok(['uploading', 'processing', 'uploaded'].includes(String(kept)), String(kept))
  const replayWaiting = await send({ prefer: 'wait=30' })
  t.equal(replayWaiting.headers.get('idempotency-replayed'), 'true')
  t.equal(replayWaiting.headers.get('preference-applied'), null)
  app.watching.end()
  const answer = await first
  t.equal(answer.status, 202)
  t.equal(answer.headers.get('preference-applied'), 'wait=50')
  t.equal(answer.headers.get('idempotency-replayed'), null)
  t.ok(sandbox.origin)
})
