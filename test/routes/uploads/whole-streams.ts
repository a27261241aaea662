import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { loadConfig } from '../../../src/config.ts'
import { serve } from '../../../src/serve.ts'
import { PROVIDER_KEY, startApp, startBoth, testCallers, until, VENDOR_KEY } from '../../helper.ts'
import { formOf, KIB, MIB, parseForm, sha256, workbookOf } from '../../uploads/forms.ts'
import { FILE_ID, isWhole } from '../../uploads/fixture.ts'
import { connectTo } from '../../uploads/wire.ts'
import { begin, startUploads, TYPE, type UploadOperation } from './streaming.ts'

/** The tests of every operation that forwards an upload. Each looks at what Connect or the caller received. */
export function testWholeStreams (t: Test, operation: UploadOperation): void {
  t.test('a workbook reaches Connect, and the answer is the file', async (t) => {
    const fixture = await startUploads(t, operation)
    const file = workbookOf(3 * MIB)
    const client = await begin(fixture, operation, formOf({ file }), undefined, {
      headers: { 'x-request-id': 'my-request-0001' }
    })
    const answer = await client.answer()
    t.match(answer, {
      status: 202,
      headers: { 'retry-after': '2', 'x-request-id': 'my-request-0001' },
      json: { id: FILE_ID }
    })
    const [sent] = fixture.uploads()
    t.match(sent, {
      path: operation.connectPath,
      headers: { 'x-request-id': 'my-request-0001', authorization: /^ApiKey SU-/ }
    })
    t.equal(sent?.headers['x-api-key'], undefined)
    const body = await sent?.body() ?? Buffer.alloc(0)
    t.match(parseForm(body, sent?.headers['content-type'] ?? ''), { name: operation.fieldName })
    t.equal(sha256(parseForm(body, sent?.headers['content-type'] ?? '').file), sha256(file))
    await client.closed()
    await fixture.quiet()
  })

  t.test('a file that is too large is refused, and Connect gets no whole body', async (t) => {
    const fixture = await startUploads(t, operation, { UPLOAD_MAX_BYTES: String(MIB) })
    const body = formOf({ file: workbookOf(MIB + 1) })
    const declared = await begin(fixture, operation, formOf({ file: workbookOf(2 * MIB) }), 100)
    t.match(
      await declared.answer(),
      { status: 413, json: { code: 'BODY_TOO_LARGE', maxBytes: MIB } },
      'before its body is sent'
    )
    const chunked = await fixture.client()
    await chunked.sendHead({
      path: operation.path,
      key: operation.key,
      headers: { 'content-type': TYPE, 'transfer-encoding': 'chunked' }
    })
    await chunked.sendChunked(body, { seed: 2, maxBytes: 90_000 })
    t.match(await chunked.answer(), { status: 413, json: { code: 'BODY_TOO_LARGE' } })
    const close = await begin(fixture, operation, body)
    t.match(await close.answer(), { status: 413, json: { code: 'BODY_TOO_LARGE' } }, 'by one byte')
    for (const sent of fixture.uploads()) t.equal(await isWhole(sent), false)
    for (const client of [declared, chunked, close]) await client.closed()
    await fixture.quiet()
  })

  t.test('time that Connect needs does not count as silence of the caller', async (t) => {
    const idleMs = 100
    const fixture = await startUploads(t, operation, { UPLOAD_IDLE_TIMEOUT_MS: String(idleMs) })
    const file = workbookOf(12 * MIB)
    fixture.onUpload(async (exchange) => {
      exchange.socket.pause()
      const until_ = Date.now() + 5 * idleMs
      await until(() => Date.now() > until_, 'several idle limits to pass')
      exchange.socket.resume()
      await exchange.body()
      const again = Date.now() + 3 * idleMs
      await until(() => Date.now() > again, 'more of them, with the answer owed')
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const client = await begin(fixture, operation, formOf({ file }))
    t.match(await client.answer(), { status: 202 })
    const sent = fixture.uploads()[0]
    t.equal(
      sha256(parseForm((await sent?.body()) ?? Buffer.alloc(0), sent?.headers['content-type'] ?? '').file),
      sha256(file)
    )
  })

  t.test('an upload to a missing file is 404 and sends no body to Connect', async (t) => {
    const { port, sandbox } = await startBoth(t)
    const client = await connectTo(t, port)
    const form = formOf({ file: workbookOf(MIB) })
    await client.sendHead({
      path: operation.path.replace(FILE_ID, 'UF-0000-00-0000-0000'),
      key: operation.key,
      headers: { 'content-type': TYPE, 'content-length': String(form.length) }
    })
    await client.sendBody(form)
    t.match(await client.answer(), { status: 404, json: { code: 'NOT_FOUND' } })
    t.same(sandbox.ledger.entries.map(({ method }) => method), ['GET'])
  })

  t.test('a caller without the right is refused before the body is read', async (t) => {
    const fixture = await startUploads(t, operation)
    const other = operation.key === VENDOR_KEY ? PROVIDER_KEY : VENDOR_KEY
    const form = formOf({ file: workbookOf(MIB) })
    for (const [key, status, code] of [
      [other, 403, 'SCOPE_MISSING'],
      [null, 401, 'UNAUTHENTICATED'],
      ['wrong-key', 401, 'UNAUTHENTICATED']
    ] as const) {
      const client = await begin(fixture, operation, form, 0, { key })
      const answer = await client.answer()
      t.match(
        answer,
        { status, headers: { connection: 'close' }, json: { code } },
        'although not a byte of the body was sent'
      )
      t.equal(answer.headers['www-authenticate'] !== undefined, status === 401)
      client.socket.destroy()
    }
    t.same(fixture.upstream.exchanges, [])
    await fixture.quiet()
  })

  t.test(
    'stopping gives up an upload that Connect has not whole when its time is up, and tells the caller',
    async t => {
      const fixture = await startUploads(t, operation)
      const { baseUrl } = fixture.upstream
      const env = { CONNECT_BASE_URL: baseUrl, PORT: '0', LOG_LEVEL: 'silent', DRAIN_TIMEOUT_MS: '1000' }
      const { address, stop } = await serve(loadConfig(env, () => '', testCallers()))
      const form = formOf({ file: workbookOf(3 * MIB) })
      const client = await connectTo(t, Number(new URL(address).port))
      await client.sendHead({
        path: operation.path,
        key: operation.key,
        headers: { 'content-type': TYPE, 'content-length': String(form.length) }
      })
      await client.sendBody(form.subarray(0, MIB))
      await until(() => (fixture.uploads()[0]?.received() ?? 0) > 500 * KIB, 'some of the file')
      const stopped = stop()
      t.match(await client.answer(), {
        status: 503,
        headers: { 'retry-after': '1', connection: 'close' },
        json: { code: 'DRAINING' }
      })
      t.equal(await isWhole(fixture.uploads()[0] as never), false)
      t.equal(await stopped, 0, 'nothing is in doubt, though the caller goes on')
      await until(client.isClosed, 'the end of the connection')
    }
  )

  t.test('a stop waits for a running upload and its answer', async (t) => {
    const fixture = await startUploads(t, operation)
    let answer: () => void = () => {}
    fixture.onUpload(async (exchange) => {
      await exchange.body()
      await new Promise<void>((resolve) => { answer = resolve })
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const form = formOf({ file: workbookOf(MIB) })
    const client = await begin(fixture, operation, form, 600 * KIB)
    await until(() => fixture.uploads().length === 1, 'the upload')
    fixture.app.startDraining()
    const closed = fixture.app.close()
    await client.sendBody(form.subarray(600 * KIB))
    await fixture.uploads()[0]?.body()
    for (let i = 0; i < 20; i += 1) await turn()
    answer()
    t.match(await client.answer(), { status: 202, headers: { connection: 'close' } })
    await closed
  })

  t.test('an unreachable Connect is 502', async (t) => {
    const { port } = await startApp(t, { env: { CONNECT_BASE_URL: 'http://127.0.0.1:9/public/v1' } })
    const client = await connectTo(t, port)
    const form = formOf({ file: workbookOf(1000) })
    await client.sendHead({
      path: operation.path,
      key: operation.key,
      headers: { 'content-type': TYPE, 'content-length': String(form.length) }
    })
    await client.sendBody(form)
    t.match(await client.answer(), { status: 502, json: { code: 'UPSTREAM_UNREACHABLE' } })
  })

  t.test('a status that forbids the upload is explained', async (t) => {
    const { app, port } = await startBoth(t)
    const { items } = (
      await app.inject({
        url: '/v1/usage-files?status=deleted,pending&limit=1',
        headers: { 'x-api-key': operation.key }
      })
    ).json<{ items: { id: string; status: string }[] }>()
    const { id = '', status = '' } = items[0] ?? {}
    const client = await connectTo(t, port)
    const form = formOf({ file: workbookOf(MIB) })
    await client.sendHead({
      path: operation.path.replace(FILE_ID, id),
      key: operation.key,
      headers: { 'content-type': TYPE, 'content-length': String(form.length) }
    })
    await client.sendBody(form)
    t.match(await client.answer(), { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: status } })
  })
}
