import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startApp, until, VENDOR_KEY } from '../helper.ts'
import { formOf, MIB, workbookOf, XLSX } from '../uploads/forms.ts'
import { startFixture, UPLOAD } from '../uploads/fixture.ts'

const DOCUMENT = { headers: { 'content-type': /^application\/problem\+json/ } }

t.test('a caller that sends all of a large body before it reads gets its answer', async (t) => {
  const fixture = await startFixture(t, { env: { UPLOAD_MAX_BYTES: String(100 * MIB) } })
  const chunk = workbookOf(MIB)
  const wrong: [string, Record<string, string>, null | undefined, number][] = [
    ['no credential', { 'content-type': XLSX }, null, 401],
    ['a coded body', { 'content-type': XLSX, 'content-encoding': 'gzip' }, undefined, 415],
    ['another type', { 'content-type': 'text/html' }, undefined, 415],
    ['XML for an upload', { 'content-type': 'application/xml' }, undefined, 415],
    ['no workbook', { 'content-type': 'application/octet-stream' }, undefined, 422]
  ]
  for (const [what, headers, key, status] of wrong) {
    for (const framing of [{ 'content-length': String(50 * MIB) }, { 'transfer-encoding': 'chunked' }]) {
      const client = await fixture.client()
      client.socket.pause()
      await client.sendHead({ path: UPLOAD, headers: { ...headers, ...framing }, ...(key !== undefined && { key }) })
      const bytes = status === 422 ? chunk.map(byte => byte ^ 1) : chunk
      for (let i = 0; i < 50; i += 1) {
        if ('content-length' in framing) await client.send(Buffer.from(bytes))
        else await client.sendChunked(Buffer.from(bytes), 'whole', i === 49)
      }
      client.socket.resume()
      const answer = await client.answer()
      t.match(answer, { status, headers: { connection: 'close' } }, what)
      t.match(answer, DOCUMENT, what)
      await until(client.isClosed, 'the end of the connection')
      await client.closed()
    }
  }
  t.equal(fixture.uploads().length, 0)
  await fixture.quiet()
})

t.test('bytes after an unread body are not carried out as a request', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  await client.sendHead({
    path: UPLOAD,
    headers: { 'content-type': XLSX, 'content-length': String(2 * MIB) },
    key: null
  })
  await client.sendBody(workbookOf(MIB))
  t.match(await client.answer(), { status: 401 })
  await client.sendBody(workbookOf(MIB))
  await client.send('')
  await client.sendHead({ path: UPLOAD, headers: { 'content-type': XLSX, 'content-length': '5' } })
  await client.sendBody(Buffer.from('PK\x03\x04x', 'latin1'))
  await until(client.isClosed, 'the end of the connection')
  await fixture.quiet()
  t.same(fixture.upstream.exchanges, [])
})

t.test('a second request in the same packet as the end of an unread body is not carried out', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  await client.sendHead({ path: UPLOAD, headers: { 'content-type': XLSX, 'content-length': String(MIB) }, key: null })
  await client.sendBody(workbookOf(MIB - 10))
  t.match(await client.answer(), { status: 401 })
  const next =
    'DELETE /v1/usage-files/UF-2026-11-0000-0001 HTTP/1.1\r\nhost: bff\r\nx-api-key: test-vendor-key-0123456789\r\n\r\n'
  await client.send(Buffer.concat([Buffer.alloc(10), Buffer.from(next)]))
  await until(client.isClosed, 'the end of the connection')
  await client.closed()
  await fixture.quiet()
  t.same(fixture.upstream.exchanges, [])
})

t.test('the connection stays open when a refused body has arrived whole', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  for (let i = 0; i < 20; i += 1) {
    const form = formOf({ file: Buffer.from('no workbook') })
    await client.sendHead({
      path: UPLOAD,
      headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(form.length) }
    })
    await client.sendBody(form)
    const answer = await client.answer()
    t.match(answer, { status: 422, json: { code: 'NOT_A_WORKBOOK' } })
    t.not(answer.headers['connection'], 'close')
  }
})

t.test('a caller that stops sending within a refused body is disconnected', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  await client.sendHead({ path: UPLOAD, headers: { 'content-type': XLSX, 'content-length': String(MIB) }, key: null })
  t.match(await client.answer(), { status: 401 })
  await once(client.socket, 'end')
  t.pass('our end is closed at once')
  await fixture.quiet()
  t.pass('and the rest soon after, although the caller never closed its own')
})

t.test('every route refuses a content coding, except identity', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  const send = async (coding: string): Promise<unknown> => {
    await client.sendHead({
      method: 'PATCH',
      path: '/v1/usage-files/UF-2026-11-0000-0001',
      headers: { 'content-type': 'application/json', 'content-length': '14', 'content-encoding': coding }
    })
    await client.sendBody(Buffer.from('{"unknown":12}'))
    return await client.answer()
  }
  t.match(await send('identity'), { status: 400, json: { code: 'VALIDATION_FAILED' } })
  t.match(await send('br'), { status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE', acceptEncoding: 'identity' } })
})

t.test('many refused bodies in one packet leave no warning of Node', async (t) => {
  const warnings: string[] = []
  const note = ({ message }: Error): void => { warnings.push(message) }
  process.on('warning', note)
  t.teardown(() => { process.off('warning', note) })
  const { port } = await startApp(t)
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (bytes: Buffer) => { answer += bytes.toString() })
  const head = `POST /v1/usage-files HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${VENDOR_KEY}\r\n`
  socket.end(`${head}Content-Type: text/html\r\nContent-Length: 2\r\n\r\nxx`.repeat(30))
  await once(socket, 'close')
  t.match(answer, /^HTTP\/1\.1 415 /)
  t.same(warnings, [])
})
