import t from 'tap'
import { until } from '../helper.ts'
import { fileIdOf } from './fake-connect.ts'
import { caller, GAP, LONG, startWatching as start } from './fixture.ts'

const FILE = fileIdOf(1)

t.test('an object at rest is given after one read, without a list', async (t) => {
  for (const status of ['draft', 'invalid', 'ready', 'pending', 'accepted', 'rejected', 'closed', 'deleted', 'other']) {
    const { connect, rest } = await start(t, [{ id: FILE, status }])
    t.same(await rest(), [status, true])
    t.same(connect.calls.map(({ id }) => id), [FILE], status)
  }
})

t.test('an object that moves is given when it comes to rest', async (t) => {
  for (const status of ['uploading', 'processing', 'uploaded']) {
    const { connect, rest } = await start(t, [{ id: FILE, status }])
    const waited = rest()
    await until(() => connect.lists().length >= 2, 'two lists')
    t.equal(connect.details().length, 1, 'nothing is read while the list shows no change')
    connect.set(FILE, { status: 'ready' })
    t.same(await waited, ['ready', true], status)
    t.equal(connect.details().length, 2)
    t.match(connect.lists()[0]?.query, /in\(status,\("uploading","uploaded","processing"\)\)/)
  }
})

t.test('uploaded is at rest when all its records are validated and it is seen unchanged twice', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'uploaded', stats: { uploaded: 3, validated: 3 } }])
  t.same(await rest(), ['uploaded', true])
  t.ok(connect.lists().length >= 2)
  connect.set(FILE, { stats: { uploaded: 3, validated: 2 } })
  t.same(await rest(FILE, 8 * GAP), ['uploaded', false], 'one record is not validated')
})

t.test('the sub-status, which lists do not show, is read again and again, each time later', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'accepted', sub_status: 'processing' }])
  const waited = rest()
  await until(() => connect.details().length >= 6, 'reads')
  const times = connect.details().map(({ at }) => at)
  // Four and eight gaps. A busy machine may delay the first list, which begins the count anew, or one call.
  t.ok(times[5]! - times[3]! >= 6 * GAP, `${times[5]! - times[3]!} ms for two reads`)
  connect.set(FILE, { sub_status: 'processed' })
  t.same(await waited, ['accepted', true])
})

t.test('chunks and reconciliations', async (t) => {
  const { connect, watching } = await start(t, [
    { id: 'UFC-2026-11-0001-0001-001', status: 'draft', usagefile: { id: FILE } },
    { id: 'RCF-2026-11-0001-0001-001', status: 'processing', usagefile: { id: FILE } }
  ])
  const options = { caller, deadline: performance.now() + LONG }
  const chunk = watching.untilAtRest('usage-chunk', 'UFC-2026-11-0001-0001-001', options)
  const reconciliation = watching.untilAtRest('reconciliation', 'RCF-2026-11-0001-0001-001', options)
  await until(() => connect.lists().length >= 4, 'lists of both')
  t.ok(connect.lists().some(({ path, query }) => path === '/usage/chunks' && query.includes('eq(status,"draft")')))
  t.ok(connect.lists().some(({ path, query }) =>
    path === '/usage/reconciliations' && query.includes(`eq(usagefile.id,"${FILE}")`)))
  connect.set('UFC-2026-11-0001-0001-001', { status: 'failed' })
  connect.set('RCF-2026-11-0001-0001-001', { status: 'processed' })
  t.match(await chunk, { object: { status: 'failed' }, isDone: true })
  t.match(await reconciliation, { object: { status: 'processed' }, isDone: true })
})

t.test('1,000 waiters cost one list call at a time and one read for each answer', async (t) => {
  const ids = Array.from({ length: 1_000 }, (_, n) => fileIdOf(n + 1))
  const { connect, rest, watching } = await start(t, ids.map(id => ({ id, status: 'processing' })))
  connect.delayMs = 5
  const waits = ids.map(async id => await rest(id))
  await until(() => connect.lists().length >= 3, 'lists')
  t.equal(watching.waiting, 1_000)
  for (const [n, id] of ids.entries()) {
    connect.set(id, { status: n % 2 === 0 ? 'ready' : 'invalid' })
    if (n % 100 === 0) await new Promise(resolve => setTimeout(resolve, GAP))
  }
  const answers = await Promise.all(waits)
  t.same(answers, ids.map((_, n) => [n % 2 === 0 ? 'ready' : 'invalid', true]))
  t.ok(connect.details().length <= ids.length + 1, `${connect.details().length} reads`)
  const times = connect.lists().map(({ at }) => at)
  t.ok((times.length - 1) * GAP <= times.at(-1)! - times[0]! + GAP, `${times.length} lists`)
  await until(async () => {
    const calls = connect.calls.length
    await new Promise(resolve => setTimeout(resolve, 4 * GAP))
    return connect.calls.length === calls
  }, 'silence when nobody waits')
})

t.test('the list is asked less often when nothing happens, and no page is left out', async (t) => {
  const ids = Array.from({ length: 2_500 }, (_, n) => fileIdOf(n + 1))
  const { connect, rest } = await start(t, ids.map(id => ({ id, status: 'processing' })))
  const first = rest(ids[0], 40 * GAP)
  const last = rest(ids[2_499])
  await until(() => connect.lists().length >= 6, 'lists')
  t.ok(connect.lists().some(({ query }) => query.includes('offset=2000')))
  connect.set(ids[2_499]!, { status: 'ready' })
  t.same(await last, ['ready', true])
  t.same(await first, ['processing', false])
  const times = connect.lists().map(({ at }) => at)
  t.ok(times.at(-1)! - times.at(-2)! > GAP * 1.5, 'less often at the end')
})

t.test('a list that lags behind gives no wrong answer', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'ready' }, { id: fileIdOf(2), status: 'processing' }])
  const other = rest(fileIdOf(2))
  await until(() => connect.lists().length >= 1, 'a list')
  connect.freezeLists(true)
  connect.set(FILE, { status: 'processing' })
  const waited = rest()
  await until(() => connect.details(FILE).length >= 2, 'reads although the list shows nothing')
  connect.set(FILE, { status: 'invalid' })
  t.same(await waited, ['invalid', true], 'the list never showed it')
  connect.set(fileIdOf(2), { status: 'ready' })
  connect.freezeLists(false)
  t.same(await other, ['ready', true])
})

t.test('a status that goes back is no rest', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
  connect.onCall = ({ id }) => {
    // The list sees the file ready; the detail sees the next upload.
    if (id !== null && connect.objects.get(FILE)?.status === 'ready' && connect.details().length < 3) {
      connect.set(FILE, { status: 'uploading' })
    }
    return undefined
  }
  const waited = rest()
  await until(() => connect.lists().length >= 1, 'a list')
  connect.set(FILE, { status: 'ready' })
  await until(() => connect.objects.get(FILE)?.status === 'uploading', 'the way back')
  connect.set(FILE, { status: 'ready' })
  await until(() => connect.details().length >= 3, 'a further read')
  t.same(await waited, ['ready', true])
})

t.test('an object that is deleted meanwhile, or that never was, is refused', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
  const waited = rest()
  await until(() => connect.lists().length >= 1, 'a list')
  connect.objects.delete(FILE)
  await t.rejects(waited, { name: 'ConnectResponseError', status: 404 })
  await t.rejects(rest(), { name: 'ConnectResponseError', status: 404 })
})

t.test('lists that fail: the wait goes on, and Connect is asked less often', async (t) => {
  for (const status of [429, 500, 503]) {
    const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
    let isDown = true
    connect.onCall = ({ id }, response) => {
      if (!isDown || id !== null) return undefined
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"error_code":"X_1","errors":["no"]}')
      return 'handled'
    }
    const waits = [rest(), rest(fileIdOf(1))]
    await until(() => connect.lists().length >= 3, 'failed lists')
    const times = connect.lists().map(({ at }) => at)
    t.ok(times[2]! - times[1]! >= 2 * GAP, `${status}: less often`)
    isDown = false
    connect.set(FILE, { status: 'ready' })
    t.same(await Promise.all(waits), [['ready', true], ['ready', true]])
  }
})

t.test('a list that hangs or is cut off delays no time-out', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
  connect.onCall = ({ id }, response) => {
    if (id !== null) return undefined
    if (connect.lists().length % 2 === 0) response.destroy()
    return 'handled'
  }
  t.same(await rest(FILE, 10 * GAP), ['processing', false])
})

t.test('when the object cannot be read at the end, the last state at hand is given, else the error', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
  const waited = rest(FILE, 10 * GAP)
  await until(() => connect.lists().length >= 1, 'a list')
  connect.onCall = (_call, response) => {
    response.destroy()
    return 'handled'
  }
  t.same(await waited, ['processing', false])
  await t.rejects(rest(FILE, 4 * GAP), { name: 'ConnectResetError' })
})

t.test('the end of the service and the leaving of a caller end waits at once', async (t) => {
  const { connect, rest, watching } = await start(t, [{ id: FILE, status: 'processing' }])
  const leaving = new AbortController()
  const left = rest(FILE, LONG, leaving.signal)
  const waits = Array.from({ length: 50 }, async () => await rest())
  await until(() => connect.lists().length >= 1, 'a list')
  leaving.abort()
  await t.rejects(left, { name: 'AbortError' })
  watching.end()
  t.same(await Promise.all(waits), Array(50).fill(['processing', false]))
  t.same(await rest(), ['processing', false], 'a later wait')
  t.equal(watching.waiting, 0)
})

t.test('a read that began before the wait is no answer', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'ready' }])
  let release = (): void => {}
  let isHeld = true
  connect.onCall = ({ id }, response) => {
    if (!isHeld) return undefined
    // The state of this moment is told late, and no list is answered.
    const body = JSON.stringify(connect.objects.get(FILE))
    const earlier = release
    release = () => {
      earlier()
      response.setHeader('content-type', 'application/json').setHeader('content-range', 'items 0-0/0')
      response.end(id === null ? '[]' : body)
    }
    return 'handled'
  }
  const early = rest()
  await until(() => connect.details().length === 1, 'the first read')
  isHeld = false
  connect.set(FILE, { status: 'processing' })
  const late = rest()
  release()
  t.same(await early, ['ready', true])
  connect.set(FILE, { status: 'invalid' })
  t.same(await late, ['invalid', true])
})

t.test('a change is told, and nothing else', async (t) => {
  const { connect, watching } = await start(t, [{ id: FILE, status: 'pending', note: 'a' }])
  const deadline = performance.now() + LONG
  const seen = { ...connect.objects.get(FILE) }
  const isChanged = ({ status }: { status?: string | null | undefined }): boolean => status !== 'pending'
  const waited = watching.untilChanged('usage-file', FILE, seen, { caller, deadline, isChanged })
  await until(() => connect.lists().length >= 2, 'lists')
  t.match(connect.lists()[0]?.query, `eq(id,"${FILE}")`)
  t.ok(connect.details().length <= 1)
  connect.set(FILE, { status: 'accepted' })
  t.match(await waited, { object: { status: 'accepted' }, isDone: true })
})

t.test('too many waiters of one caller are refused', async (t) => {
  const { connect, rest } = await start(t, [{ id: FILE, status: 'processing' }])
  const waits = Array.from({ length: 2_000 }, async () => await rest())
  await t.rejects(rest(), { code: 'OVERLOADED', statusCode: 503 })
  connect.set(FILE, { status: 'ready' })
  await Promise.all(waits)
  t.same(await rest(), ['ready', true])
  t.ok(connect.details().length < 10, 'waiters for one object share its reads')
})
