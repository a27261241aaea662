import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { loadConfig } from '../../../src/config.ts'
import { serve } from '../../../src/serve.ts'
import { PROVIDER_KEY, startApp, startBoth, testCallers, until, VENDOR_KEY } from '../../helper.ts'
import { formOf, KIB, MIB, parseForm, sha256, workbookOf, XLSX } from '../../uploads/forms.ts'
import { FILE_ID, isWhole, startStage, taken, type Stage } from '../../uploads/stage.ts'
import { connectTo, type RequestHead, type WireClient } from '../../uploads/wire.ts'

export interface UploadOperation {
  path: string
  key: string
  /** Connect's. */
  fieldName: string
  connectPath: string
  /** The status in which Connect takes it. */
  status: string
}

export const UPLOAD_FILE: UploadOperation = {
  path: `/v1/usage-files/${FILE_ID}/upload`,
  key: VENDOR_KEY,
  fieldName: 'usage_file',
  connectPath: `/public/v1/usage/files/${FILE_ID}/upload`,
  status: 'draft'
}
export const RECONCILE: UploadOperation = {
  path: `/v1/usage-files/${FILE_ID}/reconciliation`,
  key: PROVIDER_KEY,
  fieldName: 'recon_file',
  connectPath: `/public/v1/usage/files/${FILE_ID}/reconciliation`,
  status: 'accepted'
}

const TYPE = 'multipart/form-data; boundary=b0undary'
const REFUSAL = { error_code: 'VAL_001', errors: ['The file cannot be taken.'] }

/** A request of this operation with a form of this many file bytes; `given` of its bytes are sent at once. */
export async function begin (
  stage: Stage,
  operation: UploadOperation,
  body: Buffer,
  given = body.length,
  head: Partial<RequestHead> = {}
): Promise<WireClient> {
  const client = await stage.client()
  await client.sendHead({
    path: operation.path,
    key: operation.key,
    ...head,
    headers: { 'content-type': TYPE, 'content-length': String(body.length), ...head.headers }
  })
  await client.sendBody(body.subarray(0, given), { seed: 5, maxBytes: 90_000 })
  return client
}

/** The tests of every operation that forwards an upload. Each looks at what Connect or the caller received. */
export function testStreaming (t: Test, operation: UploadOperation): void {
  const stageOf = async (t: Test, env: Record<string, string> = {}): Promise<Stage> => {
    const stage = await startStage(t, { env })
    stage.file['status'] = operation.status
    return stage
  }

  t.test('a workbook reaches Connect, and the answer is the file', async (t) => {
    const stage = await stageOf(t)
    const file = workbookOf(3 * MIB)
    const client = await begin(stage, operation, formOf({ file }), undefined, {
      headers: { 'x-request-id': 'my-request-0001' }
    })
    const answer = await client.answer()
    t.match(answer, {
      status: 202,
      headers: { 'retry-after': '2', 'x-request-id': 'my-request-0001' },
      json: { id: FILE_ID }
    })
    const [sent] = stage.uploads()
    t.match(sent, {
      path: operation.connectPath,
      headers: { 'x-request-id': 'my-request-0001', authorization: /^ApiKey SU-/ }
    })
    t.equal(sent?.headers['x-api-key'], undefined)
    const body = await sent?.body() ?? Buffer.alloc(0)
    t.match(parseForm(body, sent?.headers['content-type'] ?? ''), { name: operation.fieldName })
    t.equal(sha256(parseForm(body, sent?.headers['content-type'] ?? '').file), sha256(file))
    await client.closed()
    await stage.quiet()
  })

  t.test('a file that is too large is refused, and Connect gets no whole body', async (t) => {
    const stage = await stageOf(t, { UPLOAD_MAX_BYTES: String(MIB) })
    const body = formOf({ file: workbookOf(MIB + 1) })
    const declared = await begin(stage, operation, formOf({ file: workbookOf(2 * MIB) }), 100)
    t.match(
      await declared.answer(),
      { status: 413, json: { code: 'BODY_TOO_LARGE', maxBytes: MIB } },
      'before its body is sent'
    )
    const chunked = await stage.client()
    await chunked.sendHead({
      path: operation.path,
      key: operation.key,
      headers: { 'content-type': TYPE, 'transfer-encoding': 'chunked' }
    })
    await chunked.sendChunked(body, { seed: 2, maxBytes: 90_000 })
    t.match(await chunked.answer(), { status: 413, json: { code: 'BODY_TOO_LARGE' } })
    const close = await begin(stage, operation, body)
    t.match(await close.answer(), { status: 413, json: { code: 'BODY_TOO_LARGE' } }, 'by one byte')
    for (const sent of stage.uploads()) t.equal(await isWhole(sent), false)
    for (const client of [declared, chunked, close]) await client.closed()
    await stage.quiet()
  })

  t.test('a caller that leaves in the middle ends the call to Connect within a second', async (t) => {
    const stage = await stageOf(t)
    const body = formOf({ file: workbookOf(3 * MIB) })
    for (const goes of ['FIN', 'RST'] as const) {
      const before = stage.uploads().length
      const client = await begin(stage, operation, body, 2 * MIB)
      await until(() => (stage.uploads()[before]?.received() ?? 0) > MIB, 'half the file to arrive')
      const leftAt = Date.now()
      if (goes === 'RST') client.socket.resetAndDestroy()
      else client.socket.destroy()
      t.equal(await isWhole(stage.uploads()[before] as never), false)
      t.ok(Date.now() - leftAt < 1_000, `${goes}: ${Date.now() - leftAt} ms`)
      await stage.quiet()
    }
    await until(
      () =>
        stage.logs.filter(({ msg, status }) => msg === 'request' && (status === 499 || status === 400)).length === 2,
      'the log lines'
    )
    t.same(stage.logs.filter(({ level }) => level === 'error'), [])
  })

  t.test(
    'a refusal that comes while the body is still being sent is the answer, and the connection is not wedged',
    async t => {
      const stage = await stageOf(t)
      const body = formOf({ file: workbookOf(20 * MIB) })
      for (const [status, close, code] of [
        [400, false, 'CONNECT_REJECTED'],
        [413, true, 'CONNECT_REJECTED'],
        [403, true, 'CONNECT_FORBIDDEN'],
        [401, false, 'UPSTREAM_CREDENTIAL'],
        [429, false, 'UPSTREAM_THROTTLED'],
        [500, true, 'UPSTREAM_FAILED']
      ] as const) {
        for (const isStalling of [true, false]) {
          const what = `${status}${close ? ' and FIN' : ''}${isStalling ? ', the caller stalls' : ''}`
          const before = stage.uploads().length
          stage.onUpload(async exchange => {
            await until(() => exchange.received() > 300 * KIB, 'some of the file')
            exchange.json(status, REFUSAL, close ? { connection: 'close' } : {})
            if (close) exchange.socket.end()
          })
          const startedAt = Date.now()
          const client = await begin(stage, operation, body, isStalling ? MIB : undefined)
          const answer = await client.answer()
          t.match(answer, { headers: { connection: 'close' }, json: { code } }, what)
          if (status === 400) {
            t.match(
              answer,
              { status: 400, json: { connect: { status: 400, errorCode: 'VAL_001', errors: REFUSAL.errors } } },
              what
            )
          }
          t.ok(Date.now() - startedAt < 5_000, `${what}: ${Date.now() - startedAt} ms`)
          t.equal(await isWhole(stage.uploads()[before] as never), false, what)
          await until(client.isClosed, 'the end of the connection')
          await client.closed()
          await stage.quiet()
        }
      }
      stage.onUpload(taken)
      const next = await begin(stage, operation, formOf({ file: workbookOf(MIB) }))
      t.match(await next.answer(), { status: 202 }, 'the next upload works')
    }
  )

  t.test('a Connect that ends the connection in the middle leads to 502, and nothing is left behind', async (t) => {
    const stage = await stageOf(t)
    const body = formOf({ file: workbookOf(8 * MIB) })
    for (const [dies, isStalling] of [['RST', true], ['RST', false], ['FIN', true], ['FIN', false]] as const) {
      const before = stage.uploads().length
      stage.onUpload(async (exchange) => {
        await until(() => exchange.received() > 300 * KIB, 'some of the file')
        if (dies === 'RST') exchange.socket.resetAndDestroy()
        else exchange.socket.end()
      })
      const client = await begin(stage, operation, body, isStalling ? MIB : undefined)
      t.match(
        await client.answer(),
        { status: 502, headers: { connection: 'close' }, json: { code: 'UPSTREAM_RESET' } },
        `${dies} ${isStalling}`
      )
      t.equal(stage.uploads().length, before + 1, 'sent once')
      t.equal(await isWhole(stage.uploads()[before] as never), false)
      await client.closed()
      await stage.quiet()
    }
    t.same(stage.spooled(), [])
  })

  t.test('a caller that stops sending gets 408, and Connect gets no whole body', async (t) => {
    const stage = await stageOf(t, { UPLOAD_IDLE_TIMEOUT_MS: '150' })
    const form = formOf({ file: workbookOf(MIB) })
    for (const given of [0, 20, 1000, 900 * KIB, form.length - 3, form.length - 1]) {
      const client = await begin(stage, operation, form, given)
      t.match(
        await client.answer(),
        {
          status: 408,
          headers: { connection: 'close', 'content-type': /^application\/problem/ },
          json: { code: 'REQUEST_TIMEOUT' }
        },
        `after ${given} bytes`
      )
      client.socket.destroy()
    }
    const raw = await stage.client()
    await raw.sendHead({
      path: operation.path,
      key: operation.key,
      headers: { 'content-type': XLSX, 'transfer-encoding': 'chunked' }
    })
    await raw.sendChunked(workbookOf(MIB), 'whole', false)
    t.match(await raw.answer(), { status: 408, json: { code: 'REQUEST_TIMEOUT' } }, 'a raw body')
    raw.socket.destroy()
    for (const sent of stage.uploads()) t.equal(await isWhole(sent), false)
    await stage.quiet()
  })

  t.test('time that Connect needs does not count as silence of the caller', async (t) => {
    const idleMs = 100
    const stage = await stageOf(t, { UPLOAD_IDLE_TIMEOUT_MS: String(idleMs) })
    const file = workbookOf(12 * MIB)
    stage.onUpload(async (exchange) => {
      exchange.socket.pause()
      const until_ = Date.now() + 5 * idleMs
      await until(() => Date.now() > until_, 'several idle limits to pass')
      exchange.socket.resume()
      await exchange.body()
      const again = Date.now() + 3 * idleMs
      await until(() => Date.now() > again, 'more of them, with the answer owed')
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const client = await begin(stage, operation, formOf({ file }))
    t.match(await client.answer(), { status: 202 })
    const sent = stage.uploads()[0]
    t.equal(
      sha256(parseForm((await sent?.body()) ?? Buffer.alloc(0), sent?.headers['content-type'] ?? '').file),
      sha256(file)
    )
  })

  t.test('a slow caller within the limits is served', async (t) => {
    const idleMs = 300
    const stage = await stageOf(t, { UPLOAD_IDLE_TIMEOUT_MS: String(idleMs) })
    const form = formOf({ file: workbookOf(300 * KIB) })
    const client = await begin(stage, operation, form, 0)
    const startedAt = Date.now()
    const count = 24
    const size = Math.ceil(form.length / count)
    for (let i = 0; i < count; i += 1) {
      await client.send(form.subarray(i * size, (i + 1) * size))
      const next = startedAt + (i + 1) * 40
      await until(() => Date.now() > next, 'the next drop')
    }
    t.match(await client.answer(), { status: 202 })
    t.ok(Date.now() - startedAt > 2 * idleMs)
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
    const stage = await stageOf(t)
    const other = operation.key === VENDOR_KEY ? PROVIDER_KEY : VENDOR_KEY
    const form = formOf({ file: workbookOf(MIB) })
    for (const [key, status, code] of [
      [other, 403, 'SCOPE_MISSING'],
      [null, 401, 'UNAUTHENTICATED'],
      ['wrong-key', 401, 'UNAUTHENTICATED']
    ] as const) {
      const client = await begin(stage, operation, form, 0, { key })
      const answer = await client.answer()
      t.match(
        answer,
        { status, headers: { connection: 'close' }, json: { code } },
        'although not a byte of the body was sent'
      )
      t.equal(answer.headers['www-authenticate'] !== undefined, status === 401)
      client.socket.destroy()
    }
    t.same(stage.upstream.exchanges, [])
    await stage.quiet()
  })

  t.test(
    'stopping gives up an upload that Connect has not whole when its time is up, and tells the caller',
    async t => {
      const stage = await stageOf(t)
      const env = { CONNECT_BASE_URL: stage.upstream.baseUrl, PORT: '0', LOG_LEVEL: 'silent', DRAIN_TIMEOUT_MS: '1000' }
      const { address, stop } = await serve(loadConfig(env, () => '', testCallers()))
      const form = formOf({ file: workbookOf(3 * MIB) })
      const client = await connectTo(t, Number(new URL(address).port))
      await client.sendHead({
        path: operation.path,
        key: operation.key,
        headers: { 'content-type': TYPE, 'content-length': String(form.length) }
      })
      await client.sendBody(form.subarray(0, MIB))
      await until(() => (stage.uploads()[0]?.received() ?? 0) > 500 * KIB, 'some of the file')
      const stopped = stop()
      t.match(await client.answer(), {
        status: 503,
        headers: { 'retry-after': '1', connection: 'close' },
        json: { code: 'DRAINING' }
      })
      t.equal(await isWhole(stage.uploads()[0] as never), false)
      t.equal(await stopped, 0, 'nothing is in doubt, though the caller goes on')
      await until(client.isClosed, 'the end of the connection')
    }
  )

  t.test('a stop waits for a running upload and its answer', async (t) => {
    const stage = await stageOf(t)
    let answer: () => void = () => {}
    stage.onUpload(async (exchange) => {
      await exchange.body()
      await new Promise<void>((resolve) => { answer = resolve })
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const form = formOf({ file: workbookOf(MIB) })
    const client = await begin(stage, operation, form, 600 * KIB)
    await until(() => stage.uploads().length === 1, 'the upload')
    stage.app.startDraining()
    const closed = stage.app.close()
    await client.sendBody(form.subarray(600 * KIB))
    await stage.uploads()[0]?.body()
    for (let i = 0; i < 20; i += 1) await turn()
    answer()
    t.match(await client.answer(), { status: 202, headers: { connection: 'close' } })
    await closed
  })

  t.test('a caller that leaves after its body does not cancel the upload', async (t) => {
    const stage = await stageOf(t)
    let answer: () => void = () => {}
    stage.onUpload(async (exchange) => {
      await exchange.body()
      await new Promise<void>((resolve) => { answer = resolve })
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const client = await begin(stage, operation, formOf({ file: workbookOf(MIB) }))
    await until(() => stage.uploads().length === 1, 'the upload')
    t.equal(await isWhole(stage.uploads()[0] as never), true)
    client.socket.destroy()
    await until(() => stage.logs.some(({ msg }) => msg === 'request'), 'the caller to be seen leaving')
    t.equal(stage.app.connect.stats().upload.running, 1, 'the call goes on')
    answer()
    await stage.quiet()
    t.same(stage.logs.filter(({ msg }) => msg === 'request').length, 1)
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
