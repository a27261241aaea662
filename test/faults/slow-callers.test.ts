import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { until, VENDOR_KEY } from '../helper.ts'
import { ZIP_START } from '../../src/media-types.ts'
import { formOf, KIB, MIB, workbookOf, XLSX } from '../uploads/forms.ts'
import { FILE_ID, isWhole, startFixture, UPLOAD, type Fixture } from '../uploads/fixture.ts'
import { SHORT_LIVED, watchLeftovers } from './leftovers.ts'

const CLOSED = 'the connection was closed: the caller does not read the answer'

const FORM = 'multipart/form-data; boundary=b0undary'
const IDLE_MS = 400
const DOWNLOAD = `/v1/usage-files/${FILE_ID}/files/uploaded`

async function startSlow (t: Test): Promise<Fixture> {
  return await startFixture(t, { env: { UPLOAD_IDLE_TIMEOUT_MS: String(IDLE_MS) }, limits: SHORT_LIVED })
}

t.test('an upload below the minimum data rate is ended, although it is never silent', async (t) => {
  const fixture = await startSlow(t)
  const nothingLeft = await watchLeftovers(fixture)
  const form = formOf({ file: workbookOf(MIB) })
  const streamed = 600 * KIB
  const late = formOf({ preamble: 'p'.repeat(40 * KIB), file: workbookOf(MIB) })
  for (const [what, type, body, given] of [
    ['a form, before its file', FORM, late, 10],
    ['a form, from its file on', FORM, form, form.indexOf('PK') + 10],
    ['a form that is on its way to Connect', FORM, form, streamed],
    ['a raw body', XLSX, workbookOf(MIB), 10],
    ['a raw body that is on its way', XLSX, workbookOf(MIB), streamed]
  ] as const) {
    for (const isChunked of [false, true]) {
      const before = fixture.uploads().length
      const client = await fixture.client()
      await client.sendHead({
        path: UPLOAD,
        headers: {
          'content-type': type,
          ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) })
        }
      })
      if (isChunked) await client.sendChunked(body.subarray(0, given), 'whole', false)
      else await client.sendBody(body.subarray(0, given))
      let at = given
      const drip = setInterval(() => {
        client.socket.write(
          isChunked ? `1\r\n${body.toString('latin1', at, ++at)}\r\n` : body.subarray(at, ++at),
          'latin1'
        )
      }, IDLE_MS / 10)
      const answer = await client.answer()
      clearInterval(drip)
      t.match(
        answer,
        {
          status: 408,
          headers: { connection: 'close', 'content-type': /^application\/problem\+json/ },
          json: { code: 'REQUEST_TIMEOUT', detail: /less than 1024 bytes a second/ }
        },
        `${what}${isChunked ? ', chunked' : ''}`
      )
      client.socket.destroy()
      const sent = fixture.uploads().slice(before)
      t.equal(sent.length, given === streamed && !isChunked ? 1 : 0, what)
      for (const one of sent) t.equal(await isWhole(one), false, what)
    }
  }
  await nothingLeft()
})

t.test('a form whose file comes late is not silent while its bytes come', async (t) => {
  const fixture = await startSlow(t)
  const preamble = 16 * KIB
  const form = formOf({ preamble: 'p'.repeat(preamble), file: workbookOf(MIB) })
  const client = await fixture.client()
  const headers = { 'content-type': FORM, 'content-length': String(form.length) }
  await client.sendHead({ path: UPLOAD, headers })
  const startedAt = performance.now()
  const pieces = 32
  for (let n = 0; n < pieces; n += 1) {
    const at = n * preamble / pieces
    await client.send(form.subarray(at, at + preamble / pieces))
    await until(() => performance.now() > startedAt + (n + 1) * IDLE_MS / 10, 'the next piece')
  }
  t.ok(performance.now() - startedAt > 3 * IDLE_MS)
  await client.sendBody(form.subarray(preamble))
  t.match(await client.answer(), { status: 202 })
  t.equal(await isWhole(fixture.uploads()[0] as never), true)
})

/** A storage that sends a file of so many bytes as fast as it is taken. */
function serve (fixture: Fixture, bytes: number): void {
  fixture.file['usage_file_uri'] = `${fixture.upstream.origin}/store/file.xlsx`
  fixture.onGet(({ path, json, socket }) => {
    if (!path.startsWith('/store/')) return json(200, fixture.file)
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${XLSX}\r\ncontent-length: ${bytes}\r\n\r\n`)
    const chunk = Buffer.concat([ZIP_START, Buffer.alloc(256 * KIB - ZIP_START.length)])
    let left = bytes
    const more = (): void => {
      while (left > 0) {
        left -= chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.on('drain', more)
    more()
  })
}

t.test('a caller that does not read its workbook is disconnected, and the storage too', async (t) => {
  const fixture = await startSlow(t)
  const nothingLeft = await watchLeftovers(fixture)
  serve(fixture, 64 * MIB)
  const client = await fixture.client()
  client.socket.pause()
  await client.sendHead({ method: 'GET', path: DOWNLOAD })
  await until(() => fixture.app.connect.stats().storage.running === 1, 'the download')
  const startedAt = performance.now()
  await until(() => fixture.app.connect.stats().storage.running === 0, 'its end')
  t.ok(performance.now() - startedAt >= 2 * IDLE_MS - 20, `${performance.now() - startedAt} ms`)
  client.socket.resume()
  await until(client.isClosed, 'the end of the connection')
  client.socket.destroy()
  t.match(fixture.logs.find(({ msg }) => msg === CLOSED), { level: 'warn' })
  await nothingLeft()
})

t.test('a caller that reads its workbook slowly gets all of it', async (t) => {
  const fixture = await startSlow(t)
  const bytes = 48 * MIB
  serve(fixture, bytes)
  const socket = connect(fixture.port, '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  socket.write(`GET ${DOWNLOAD} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`)
  const startedAt = performance.now()
  let read = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const isRest = Math.floor((read + chunk.length) / (8 * MIB)) > Math.floor(read / (8 * MIB))
    read += chunk.length
    if (read > bytes) break
    if (isRest) await new Promise((resolve) => { setTimeout(resolve, IDLE_MS) })
  }
  t.ok(read > bytes && performance.now() - startedAt > 4 * IDLE_MS)
  await fixture.quiet()
  t.match(
    fixture.logs.find(({ msg, operation }) => msg === 'request' && operation === 'downloadUploadedUsageFile'),
    { status: 200, complete: true }
  )
})

t.test('time that Connect needs for a workbook does not count against the caller', async (t) => {
  const fixture = await startSlow(t)
  fixture.file['usage_file_uri'] = `${fixture.upstream.origin}/store/file.xlsx`
  fixture.onGet(async ({ path, json, raw }) => {
    if (!path.startsWith('/store/')) return json(200, fixture.file)
    raw(`HTTP/1.1 200 OK\r\ncontent-type: ${XLSX}\r\ncontent-length: 6\r\n\r\nPK\x03\x04`)
    await new Promise((resolve) => { setTimeout(resolve, 4 * IDLE_MS) })
    raw('56')
  })
  const client = await fixture.client()
  await client.sendHead({ method: 'GET', path: DOWNLOAD })
  t.match(await client.answer(), { status: 200, text: 'PK\x03\x0456' })
})

t.test('a caller that does not read a large list is disconnected and gives up its slot', async (t) => {
  const fixture = await startSlow(t)
  const nothingLeft = await watchLeftovers(fixture)
  fixture.onGet(({ json }) =>
    json(
      200,
      Array.from({ length: 1000 }, (_, n) => ({ ...fixture.file, id: `UF-${n}`, note: 'n'.repeat(10_000) })),
      { 'content-range': 'items 0-999/1000' }
    )
  )
  const client = await fixture.client()
  client.socket.pause()
  await client.sendHead({ method: 'GET', path: '/v1/usage-files?limit=1000' })
  await client.sendHead({ method: 'GET', path: '/v1/usage-files?limit=1000' })
  await until(() => fixture.logs.some(({ msg }) => msg === CLOSED), 'the end')
  client.socket.destroy()
  await nothingLeft()
})
