import type { Test } from 'tap'
import { until } from '../../helper.ts'
import { formOf, KIB, MIB, workbookOf, XLSX } from '../../uploads/forms.ts'
import { FILE_ID, isWhole, taken } from '../../uploads/fixture.ts'
import { begin, REFUSAL, startUploads, type UploadOperation } from './streaming.ts'

/** The tests of every operation that forwards an upload whose caller or whose Connect stops early or is slow. */
export function testCutStreams (t: Test, operation: UploadOperation): void {
  t.test('a caller that leaves in the middle ends the call to Connect within a second', async (t) => {
    const fixture = await startUploads(t, operation)
    const body = formOf({ file: workbookOf(3 * MIB) })
    for (const goes of ['FIN', 'RST'] as const) {
      const before = fixture.uploads().length
      const client = await begin(fixture, operation, body, 2 * MIB)
      await until(() => (fixture.uploads()[before]?.received() ?? 0) > MIB, 'half the file to arrive')
      const leftAt = Date.now()
      if (goes === 'RST') client.socket.resetAndDestroy()
      else client.socket.destroy()
      t.equal(await isWhole(fixture.uploads()[before] as never), false)
      t.ok(Date.now() - leftAt < 1_000, `${goes}: ${Date.now() - leftAt} ms`)
      await fixture.quiet()
    }
    await until(
      () =>
        fixture.logs.filter(({ msg, status }) => msg === 'request' && (status === 499 || status === 400)).length === 2,
      'the log lines'
    )
    t.same(fixture.logs.filter(({ level }) => level === 'error'), [])
  })

  t.test(
    'a refusal that comes while the body is still being sent is the answer, and the connection is not wedged',
    async t => {
      const fixture = await startUploads(t, operation)
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
          const before = fixture.uploads().length
          fixture.onUpload(async exchange => {
            await until(() => exchange.received() > 300 * KIB, 'some of the file')
            exchange.json(status, REFUSAL, close ? { connection: 'close' } : {})
            if (close) exchange.socket.end()
          })
          const startedAt = Date.now()
          const client = await begin(fixture, operation, body, isStalling ? MIB : undefined)
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
          t.equal(await isWhole(fixture.uploads()[before] as never), false, what)
          await until(client.isClosed, 'the end of the connection')
          await client.closed()
          await fixture.quiet()
        }
      }
      fixture.onUpload(taken)
      const next = await begin(fixture, operation, formOf({ file: workbookOf(MIB) }))
      t.match(await next.answer(), { status: 202 }, 'the next upload works')
    }
  )

  t.test('a Connect that ends the connection in the middle leads to 502, and nothing is left behind', async (t) => {
    const fixture = await startUploads(t, operation)
    const body = formOf({ file: workbookOf(8 * MIB) })
    for (const [dies, isStalling] of [['RST', true], ['RST', false], ['FIN', true], ['FIN', false]] as const) {
      const before = fixture.uploads().length
      fixture.onUpload(async (exchange) => {
        await until(() => exchange.received() > 300 * KIB, 'some of the file')
        if (dies === 'RST') exchange.socket.resetAndDestroy()
        else exchange.socket.end()
      })
      const client = await begin(fixture, operation, body, isStalling ? MIB : undefined)
      t.match(
        await client.answer(),
        { status: 502, headers: { connection: 'close' }, json: { code: 'UPSTREAM_RESET' } },
        `${dies} ${isStalling}`
      )
      t.equal(fixture.uploads().length, before + 1, 'sent once')
      t.equal(await isWhole(fixture.uploads()[before] as never), false)
      await client.closed()
      await fixture.quiet()
    }
    t.same(fixture.spooled(), [])
  })

  t.test('a caller that stops sending gets 408, and Connect gets no whole body', async (t) => {
    const fixture = await startUploads(t, operation, { UPLOAD_IDLE_TIMEOUT_MS: '150' })
    const form = formOf({ file: workbookOf(MIB) })
    for (const given of [0, 20, 1000, 900 * KIB, form.length - 3, form.length - 1]) {
      const client = await begin(fixture, operation, form, given)
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
    const raw = await fixture.client()
    await raw.sendHead({
      path: operation.path,
      key: operation.key,
      headers: { 'content-type': XLSX, 'transfer-encoding': 'chunked' }
    })
    await raw.sendChunked(workbookOf(MIB), 'whole', false)
    t.match(await raw.answer(), { status: 408, json: { code: 'REQUEST_TIMEOUT' } }, 'a raw body')
    raw.socket.destroy()
    for (const sent of fixture.uploads()) t.equal(await isWhole(sent), false)
    await fixture.quiet()
  })

  t.test('a slow caller within the limits is served', async (t) => {
    const idleMs = 300
    const fixture = await startUploads(t, operation, { UPLOAD_IDLE_TIMEOUT_MS: String(idleMs) })
    const form = formOf({ file: workbookOf(300 * KIB) })
    const client = await begin(fixture, operation, form, 0)
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

  t.test('a caller that leaves after its body does not cancel the upload', async (t) => {
    const fixture = await startUploads(t, operation)
    let answer: () => void = () => {}
    fixture.onUpload(async (exchange) => {
      await exchange.body()
      await new Promise<void>((resolve) => { answer = resolve })
      exchange.json(201, { id: FILE_ID, status: 'uploading' })
    })
    const client = await begin(fixture, operation, formOf({ file: workbookOf(MIB) }))
    await until(() => fixture.uploads().length === 1, 'the upload')
    t.equal(await isWhole(fixture.uploads()[0] as never), true)
    client.socket.destroy()
    await until(() => fixture.logs.some(({ msg }) => msg === 'request'), 'the caller to be seen leaving')
    t.equal(fixture.app.connect.stats().upload.running, 1, 'the call goes on')
    answer()
    await fixture.quiet()
    t.same(fixture.logs.filter(({ msg }) => msg === 'request').length, 1)
  })
}
