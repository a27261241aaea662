import t from 'tap'
import { startBoth, until, VENDOR_KEY } from '../../helper.ts'
import { formOf, KIB, MIB, workbookOf } from '../../streaming/forms.ts'
import { FILE_ID, startStage } from '../../streaming/stage.ts'
import { connectTo } from '../../streaming/wire.ts'
import { begin, testStreaming, UPLOAD_FILE } from './streaming.ts'

testStreaming(t, UPLOAD_FILE)

const UPLOADED = { uploaded: { at: '2026-11-02T00:00:00Z', by: { id: 'SU-1', name: 'Somebody' } } }

t.test('after a doubtful end the file itself tells whether the upload took effect', async (t) => {
  const stage = await startStage(t)
  const form = formOf({ file: workbookOf(MIB) })
  for (const ends of ['reset', 'FIN', '502', 'nonsense'] as const) {
    for (const tookEffect of [true, false]) {
      stage.file['events'] = {}
      stage.file['status'] = 'draft'
      stage.onUpload(async (exchange) => {
        await exchange.body()
        if (tookEffect) Object.assign(stage.file, { status: 'processing', events: UPLOADED })
        if (ends === 'reset') exchange.socket.resetAndDestroy()
        else if (ends === 'FIN') exchange.socket.end()
        else if (ends === '502') exchange.raw('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>')
        else exchange.raw('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>')
      })
      const before = stage.uploads().length
      const client = await begin(stage, UPLOAD_FILE, form)
      const answer = await client.answer()
      const what = `${ends}, ${tookEffect ? 'done' : 'not done'}`
      if (tookEffect) t.match(answer, { status: 202, json: { id: FILE_ID, status: 'processing' } }, what)
      else if (ends === '502') t.match(answer, { status: 502, json: { code: 'UPSTREAM_FAILED' } }, what)
      else t.match(answer, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, what)
      t.equal(stage.uploads().length, before + 1, `${what}: sent once`)
      await client.closed()
    }
  }
  await stage.quiet()
})

t.test('an upload that replaces an earlier one is told from it by its time', async (t) => {
  const stage = await startStage(t)
  Object.assign(stage.file, { status: 'ready', events: UPLOADED })
  stage.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = await begin(stage, UPLOAD_FILE, formOf({ file: workbookOf(1000) }))
  t.match(await client.answer(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, 'the earlier upload proves nothing')
})

t.test('a file that cannot be read back leaves the outcome unknown', async (t) => {
  const stage = await startStage(t)
  let reads = 0
  stage.onRead(() => {
    reads += 1
    if (reads > 1) for (const { socket } of stage.upstream.exchanges) socket.destroy()
  })
  stage.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = await begin(stage, UPLOAD_FILE, formOf({ file: workbookOf(1000) }))
  t.match(await client.answer(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
})

t.test('a status in which no upload is possible is explained', async (t) => {
  const { port, sandbox } = await startBoth(t)
  const closed = [...sandbox.store.files.values()].find(({ status }) => status === 'closed')
  const client = await connectTo(t, port)
  const form = formOf({ file: workbookOf(MIB) })
  await client.sendHead({ path: `/v1/usage-files/${closed?.id ?? ''}/upload`, key: VENDOR_KEY, headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(form.length) } })
  await client.sendBody(form)
  t.match(await client.answer(), { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed' } })
})

t.test('500 uploads given up midway leave nothing behind', async (t) => {
  const stage = await startStage(t)
  const form = formOf({ file: workbookOf(400 * KIB) })
  const round = async (): Promise<void> => {
    await Promise.all(Array.from({ length: 5 }, async (_, i) => {
      const client = await begin(stage, UPLOAD_FILE, form, [1000, 300 * KIB, form.length - 3, 300 * KIB, 390 * KIB][i])
      client.socket.resetAndDestroy()
    }))
  }
  const memory = (): number => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  for (let i = 0; i < 20; i += 1) await round()
  await stage.quiet()
  const before = memory()
  for (let i = 0; i < 100; i += 1) await round()
  await stage.quiet()
  stage.logs.length = 0
  const grown = memory() - before
  t.ok(grown < 5 * MIB || globalThis.gc === undefined, `${Math.round(grown / KIB)} KiB`)
  t.match(stage.app.connect.stats(), { upload: { connected: 0, running: 0, pending: 0 }, jsonRead: { running: 0, pending: 0 } })
  for (const sent of stage.uploads()) t.equal(await sent.body().then(() => true, () => false), false)
  await until(() => stage.spooled().length === 0, 'the spool')
})
