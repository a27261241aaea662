import t from 'tap'
import { asVendor as sandboxVendor } from '../../../sandbox/test/helper.ts'
import { columns, draft, goodRow } from '../../../sandbox/test/stories.ts'
import { asVendor, callerCalled, startBoth, until } from '../../helper.ts'
import { jsonAnswer } from '../../connect/upstream.ts'
import { formOf, KIB, MIB, workbookOf } from '../../uploads/forms.ts'
import { FILE_ID, isWhole, startFixture } from '../../uploads/fixture.ts'
import type { WireClient } from '../../uploads/wire.ts'
import { testCutStreams } from './cut-streams.ts'
import { begin, UPLOAD_FILE } from './streaming.ts'
import { testWholeStreams } from './whole-streams.ts'

testWholeStreams(t, UPLOAD_FILE)
testCutStreams(t, UPLOAD_FILE)

const UPLOADED = { uploaded: { at: '2026-11-02T00:00:00Z', by: { id: 'SU-1', name: 'Somebody' } } }

t.test('after an unclear end the file shows whether the upload took effect', async (t) => {
  const fixture = await startFixture(t)
  const form = formOf({ file: workbookOf(MIB) })
  for (const ends of ['reset', 'FIN', '502', 'nonsense'] as const) {
    for (const tookEffect of [true, false]) {
      fixture.file['events'] = {}
      fixture.file['status'] = 'draft'
      fixture.onUpload(async (exchange) => {
        await exchange.body()
        if (tookEffect) Object.assign(fixture.file, { status: 'processing', events: UPLOADED })
        if (ends === 'reset') exchange.socket.resetAndDestroy()
        else if (ends === 'FIN') exchange.socket.end()
        else if (ends === '502') {
          exchange.raw('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>')
        } else exchange.raw('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>')
      })
      const before = fixture.uploads().length
      const client = await begin(fixture, UPLOAD_FILE, form)
      const answer = await client.answer()
      const what = `${ends}, ${tookEffect ? 'done' : 'not done'}`
      if (tookEffect) t.match(answer, { status: 202, json: { id: FILE_ID, status: 'processing' } }, what)
      else if (ends === '502') t.match(answer, { status: 502, json: { code: 'UPSTREAM_FAILED' } }, what)
      else t.match(answer, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, what)
      t.equal(fixture.uploads().length, before + 1, `${what}: sent once`)
      await client.closed()
    }
  }
  await fixture.quiet()
})

t.test('an upload that replaces an earlier one is recognized by its time', async (t) => {
  const fixture = await startFixture(t)
  Object.assign(fixture.file, { status: 'ready', events: UPLOADED })
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = await begin(fixture, UPLOAD_FILE, formOf({ file: workbookOf(1000) }))
  t.match(
    await client.answer(),
    { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
    'the earlier upload proves nothing'
  )
})

t.test('a read that shows no later upload is not a success', async (t) => {
  const fixture = await startFixture(t)
  const form = formOf({ file: workbookOf(1000) })
  const shown = ['2026-10-01T00:00:00Z', '2026-11-02T00:00:00.000000+00:00', '2026-11-02T02:00:00+02:00', 'soon']
  for (const ends of ['reset', 'a thin 201'] as const) {
    for (const at of shown) {
      Object.assign(fixture.file, { status: 'draft', events: UPLOADED })
      fixture.onUpload(async (exchange) => {
        await exchange.body()
        if (ends === 'reset') exchange.socket.resetAndDestroy()
        else exchange.json(201, { id: FILE_ID })
        fixture.file['events'] = { uploaded: { at } }
      })
      const answer = await (await begin(fixture, UPLOAD_FILE, form)).answer()
      t.match(answer, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, `${ends}, ${at}`)
    }
  }
  t.equal(fixture.uploads().length, 8, 'each was sent once')
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    Object.assign(fixture.file, { status: 'draft', events: { uploaded: { at: '2026-11-02T00:00:00.5Z' } } })
    exchange.socket.resetAndDestroy()
  })
  Object.assign(fixture.file, { events: UPLOADED })
  t.match(await (await begin(fixture, UPLOAD_FILE, form)).answer(), { status: 202 }, 'a later one is')
})

t.test('a refused upload is not done, also where the file shows a later upload', async (t) => {
  const fixture = await startFixture(t)
  for (const [name, after, status, code] of [
    ['as before', {}, 400, 'CONNECT_REJECTED'],
    ['another change', { note: 'changed' }, 400, 'CONNECT_REJECTED'],
    ['the upload of another request', { status: 'processing', events: UPLOADED }, 409, 'ACTION_NOT_ALLOWED']
  ] as const) {
    Object.assign(fixture.file, { status: 'draft', events: {}, note: null })
    fixture.onUpload(async (exchange) => {
      await exchange.body()
      Object.assign(fixture.file, after)
      exchange.json(400, { error_code: 'VAL_001', errors: ['The file is processing.'] })
    })
    const answer = await (await begin(fixture, UPLOAD_FILE, formOf({ file: workbookOf(1000) }))).answer()
    t.match(answer, { status, json: { code, connect: { status: 400, errors: ['The file is processing.'] } } }, name)
  }
})

t.test('of two uploads at once, only the one that Connect took is told as done', async (t) => {
  const { origin, sandbox } = await startBoth(t, { processingMs: 60_000 })
  const vendor = sandboxVendor(sandbox)
  const id = await draft(vendor)
  // Each upload reads the file before Connect has taken the other one.
  sandbox.faults.add({
    match: { method: 'POST', path: '/upload$' }, nth: 1, times: 1, when: 'before', fault: { type: 'delay', ms: 500 }
  })
  const upload = async (rows: number): Promise<{ status: number, code: string | undefined }> => {
    const lines = [columns, ...Array.from({ length: rows }, (_, row) => goodRow(row + 1))]
    const response = await fetch(`${origin}/v1/usage-files/${id}/upload`, {
      method: 'POST', headers: { ...asVendor, 'content-type': 'text/csv' }, body: lines.join('\n')
    })
    return { status: response.status, code: (await response.json() as { code?: string }).code }
  }
  const answers = await Promise.all([upload(1), upload(2)])
  t.equal(sandbox.store.effects.get(id)?.['uploaded'], 1)
  t.same(answers.map(answer => answer.code).sort(), ['ACTION_NOT_ALLOWED', undefined])
  t.same(answers.map(answer => answer.status).sort(), [202, 409])
})

t.test('a file that cannot be read back leaves the outcome unknown', async (t) => {
  const fixture = await startFixture(t)
  let reads = 0
  fixture.onRead(() => {
    reads += 1
    if (reads > 1) for (const { socket } of fixture.upstream.exchanges) socket.destroy()
  })
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = await begin(fixture, UPLOAD_FILE, formOf({ file: workbookOf(1000) }))
  t.match(await client.answer(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
})

t.test('when all upload slots are held a further caller gets 503 with Retry-After', async (t) => {
  const fixture = await startFixture(t, { callers: { entries: ['a', 'b', 'c'].map(id => callerCalled(id, 'vendor')) } })
  fixture.onUpload(() => {})
  const form = formOf({ file: workbookOf(1000) })
  const places = 8
  const running = await Promise.all(
    Array.from(
      { length: places },
      async (_, i) => await begin(fixture, UPLOAD_FILE, form, form.length, { key: i % 2 === 0 ? 'a-key' : 'b-key' })
    )
  )
  await until(() => fixture.app.connect.stats().upload.running === places, 'every place to be taken')
  const late = await begin(fixture, UPLOAD_FILE, form, form.length, { key: 'c-key' })
  t.match(await late.answer(), { status: 503, headers: { 'retry-after': /^\d+$/ }, json: { code: 'OVERLOADED' } })
  for (const one of running) one.socket.destroy()
  // What Connect has whole is waited for, whether or not a caller is there.
  for (const { socket } of fixture.upstream.exchanges) socket.destroy()
})

t.test('a caller has at most six running uploads, and other callers get slots', async (t) => {
  const entries = ['slow', 'other'].map(id => callerCalled(id, 'vendor'))
  const fixture = await startFixture(t, { callers: { entries } })
  const form = formOf({ file: workbookOf(MIB) })
  const clients: WireClient[] = []
  const upload = async (key: string, given: number): Promise<WireClient> => {
    const client = await begin(fixture, UPLOAD_FILE, form, given, { key })
    clients.push(client)
    return client
  }
  const running = await Promise.all(Array.from({ length: 6 }, async () => await upload('slow-key', 300 * KIB)))
  await until(() => fixture.uploads().length === 6, 'six to be on their way')
  const before = fixture.upstream.exchanges.length
  t.match(await (await upload('slow-key', 0)).answer(), {
    status: 429,
    headers: { 'retry-after': '1', connection: 'close' },
    json: { code: 'RATE_LIMITED', detail: 'A caller may have 6 uploads under way at once.' }
  })
  t.equal(fixture.upstream.exchanges.length, before, 'Connect was not asked')
  t.match(await (await upload('other-key', form.length)).answer(), { status: 202 })
  running[0]?.socket.destroy()
  await until(() => fixture.app.connect.stats().upload.running === 5, 'one to be gone')
  t.match(await (await upload('slow-key', form.length)).answer(), { status: 202 }, 'who leaves makes room')
  for (const one of clients) one.socket.destroy()
  await fixture.quiet()
})

t.test('a success that the file denies is OUTCOME_UNKNOWN', async (t) => {
  const fixture = await startFixture(t)
  for (const [size, answer] of [
    [2_000, 'HTTP/1.1 204 X\r\nconnection: close\r\n\r\n'],
    [300 * KIB, jsonAnswer(201, { id: 'UF-2026-11-0000-0001' }, { connection: 'close' })]
  ] as const) {
    fixture.onUpload(async exchange => {
      await exchange.body()
      exchange.socket.end(answer)
    })
    const form = formOf({ file: workbookOf(size) })
    const client = await begin(fixture, UPLOAD_FILE, form, form.length)
    t.match(await client.answer(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
    client.socket.destroy()
  }
  await fixture.quiet()
})

t.test('200 aborted uploads leave nothing behind', async (t) => {
  const fixture = await startFixture(t)
  const form = formOf({ file: workbookOf(400 * KIB) })
  const round = async (): Promise<void> => {
    await Promise.all(Array.from({ length: 5 }, async (_, i) => {
      const until = [1000, 300 * KIB, form.length - 3, 300 * KIB, 390 * KIB][i]
      const client = await begin(fixture, UPLOAD_FILE, form, until)
      client.socket.resetAndDestroy()
    }))
  }
  for (let i = 0; i < 40; i += 1) await round()
  await fixture.quiet()
  for (const sent of fixture.uploads()) t.equal(await isWhole(sent), false)
  t.match(fixture.app.connect.stats(), {
    upload: { connected: 0, running: 0, pending: 0 },
    jsonRead: { running: 0, pending: 0 }
  })
  await until(() => fixture.spooled().length === 0, 'the spool')
})
