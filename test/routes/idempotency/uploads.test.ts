import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { XLSX } from '../../../src/media-types.ts'
import { until, VENDOR_KEY } from '../../helper.ts'
import { form, until as untilAnswer } from '../../../sandbox/test/helper.ts'
import { accepted, draft, goodRow, workbook } from '../../../sandbox/test/stories.ts'
import { startFixture, type Reply } from './fixture.ts'

const asForm = (bytes: Uint8Array, fields: Record<string, string> = {}): FormData => form('file', bytes, fields)
const RAW = { 'content-type': XLSX }

/** Larger than what is held, so that it streams. */
async function largeWorkbook (): Promise<Uint8Array> {
  const small = await workbook()
  // Bytes before a zip's entries are skipped by readers of its directory, but not by us.
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(600 * 1024, 7), small])
}

t.test('a repeated upload is read, compared, and not sent to Connect', async (t) => {
  const { vendor, connectVendor, writes, sandbox } = await startFixture(t)
  const file = await draft(connectVendor)
  const bytes = await workbook()
  writes()
  const first = await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes))
  t.equal(first.status, 202)
  t.same(writes(), [`POST /usage/files/${file}/upload`])
  for (const [what, again] of [
    ['a form with another boundary', await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes))],
    ['the raw body', await vendor('POST', `/usage-files/${file}/upload`, 'k', bytes, RAW)]
  ] as [string, Reply][]) {
    t.match(again, { status: 202, text: first.text }, what)
    t.equal(again.headers.get('idempotency-replayed'), 'true', what)
    t.equal(again.headers.get('retry-after'), '2', what)
  }
  t.same(sandbox.ledger.entries, [], 'Connect heard nothing at all')
  t.match(
    await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(await workbook([goodRow(1)]))),
    { status: 422, json: { code: 'IDEMPOTENCY_MISMATCH' } },
    'another file'
  )
  t.match(await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(Buffer.from('not a workbook'))), {
    status: 422,
    json: { code: 'IDEMPOTENCY_MISMATCH' }
  })
  t.match(await vendor('POST', `/usage-files/${file}/upload`, 'k', new FormData()), { status: 400 }, 'no file at all')
  t.same(sandbox.ledger.entries, [])
})

t.test('the fields of a form are part of the request', async (t) => {
  const { provider, connectVendor, connectProvider, writes } = await startFixture(t)
  await accepted(connectVendor, connectProvider)
  const bytes = await workbook()
  writes()
  const first = await provider('POST', '/reconciliations', 'k', asForm(bytes, { note: 'October' }))
  t.equal(first.status, 201)
  const again = await provider('POST', '/reconciliations', 'k', asForm(bytes, { note: 'October' }))
  t.match(again, { status: 201, text: first.text })
  t.equal(again.headers.get('location'), first.headers.get('location'))
  t.match(await provider('POST', '/reconciliations', 'k', asForm(bytes, { note: 'November' })), {
    status: 422,
    json: { code: 'IDEMPOTENCY_MISMATCH' }
  })
  t.match(await provider('POST', '/reconciliations', 'k', asForm(bytes)), { status: 422 })
  t.equal(writes().length, 1)
})

t.test('a refusal of a whole file is kept, and a refusal of an incomplete file is not', async (t) => {
  const { vendor, connectVendor, connectProvider, writes, origin } = await startFixture(t)
  const bytes = await workbook()
  const closedFile = await accepted(connectVendor, connectProvider)
  writes()
  const refused = await vendor('POST', `/usage-files/${closedFile}/upload`, 'k', asForm(bytes))
  t.match(refused, { status: 409, json: { code: 'ACTION_NOT_ALLOWED' } })
  t.match(await vendor('POST', `/usage-files/${closedFile}/upload`, 'k', asForm(bytes)), {
    status: 409,
    text: refused.text
  })
  t.equal(writes().length, 1)

  const file = await draft(connectVendor)
  t.match(await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(Buffer.from('not a workbook'))), {
    status: 422,
    json: { code: 'NOT_A_WORKBOOK' }
  })
  const cut = new AbortController()
  const whole = await largeWorkbook()
  const leaving = fetch(`${origin}/v1/usage-files/${file}/upload`, {
    method: 'POST',
    headers: { 'x-api-key': VENDOR_KEY, 'idempotency-key': 'k', ...RAW },
    body: new ReadableStream({
      start: async (controller) => {
        controller.enqueue(whole.subarray(0, 400 * 1024))
        await sleep(100)
        cut.abort()
      }
    }),
    duplex: 'half',
    signal: cut.signal
  } as RequestInit).catch(() => null)
  await leaving
  let answer: Reply | null = null
  await until(
    async () => (answer = await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes))).status !== 409,
    'the key to be free'
  )
  t.match(answer, { status: 202 }, 'neither has used the key')
})

t.test('a second upload with the key of a running one is refused, and a slow caller keeps its claim', async (t) => {
  const { vendor, connectVendor, origin, writes } = await startFixture(t)
  const file = await draft(connectVendor)
  const whole = await largeWorkbook()
  writes()
  let goOn = (): void => {}
  const wait = new Promise<void>((resolve) => { goOn = resolve })
  const slow = fetch(`${origin}/v1/usage-files/${file}/upload`, {
    method: 'POST',
    headers: { 'x-api-key': VENDOR_KEY, 'idempotency-key': 'k', ...RAW },
    body: new ReadableStream({
      start: async (controller) => {
        controller.enqueue(whole.subarray(0, 300 * 1024))
        await wait
        controller.enqueue(whole.subarray(300 * 1024))
        controller.close()
      }
    }),
    duplex: 'half'
  } as RequestInit)
  await until(
    async () => (await vendor('POST', `/usage-files/${file}/upload`, 'k', whole, RAW)).status === 409,
    'the first to have its claim'
  )
  t.match(await vendor('POST', `/usage-files/${file}/upload`, 'k', whole, RAW), {
    status: 409,
    json: { code: 'IDEMPOTENCY_IN_FLIGHT' }
  })
  goOn()
  const first = await slow
  t.equal(first.status, 202)
  const again = await vendor('POST', `/usage-files/${file}/upload`, 'k', whole, RAW)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.equal(again.text, await first.text())
  t.equal(writes().length, 1)
})

t.test('an upload of unknown outcome is found, or sent again from the repeated request', async (t) => {
  for (const tookEffect of [true, false]) {
    const what = tookEffect ? 'done' : 'not done'
    const { vendor, connectVendor, sandbox, writes } = await startFixture(t)
    const file = await draft(connectVendor)
    const bytes = await workbook()
    writes()
    sandbox.faults.add({
      match: { method: 'POST', path: `/usage/files/${file}/upload` },
      when: tookEffect ? 'after' : 'before',
      ...(!tookEffect && { afterBytes: 1e9 }),
      fault: { type: 'reset' }
    })
    sandbox.faults.add({
      match: { method: 'GET', path: `/usage/files/${file}` },
      nth: 2,
      times: 0,
      fault: { type: 'status', code: 500 }
    })
    t.match(
      await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes)),
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
      what
    )
    sandbox.faults.clear()
    writes()
    t.match(
      await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(await workbook([goodRow(2)]))),
      { status: 422, json: { code: 'IDEMPOTENCY_MISMATCH' } },
      `${what}: another file`
    )
    t.same(writes(), [])
    t.match(await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes)), { status: 202 }, what)
    t.equal(writes().length, tookEffect ? 0 : 1, what)
    await untilAnswer(() => connectVendor('GET', `/usage/files/${file}`), ({ json }) => json.status === 'ready')
    t.equal(
      (await vendor('POST', `/usage-files/${file}/upload`, 'k', asForm(bytes))).headers.get('idempotency-replayed'),
      'true'
    )
  }
})

t.test('a reconciliation of unknown outcome is never sent again', async (t) => {
  const { provider, connectVendor, connectProvider, sandbox, writes } = await startFixture(t)
  const file = await accepted(connectVendor, connectProvider)
  const bytes = await workbook()
  for (const path of ['/reconciliations', `/usage-files/${file}/reconciliation`]) {
    writes()
    sandbox.faults.add({
      match: { method: 'POST', path: path === '/reconciliations' ? '/usage/reconciliations' : '/usage/files' },
      when: 'after',
      fault: { type: 'reset' }
    })
    t.match(await provider('POST', path, 'k', asForm(bytes)), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, path)
    sandbox.faults.clear()
    t.equal(writes().length, 1)
    t.match(
      await provider('POST', path, 'k', asForm(bytes)),
      { status: 504, json: { code: 'OUTCOME_UNKNOWN', detail: /earlier request/ } },
      path
    )
    t.same(writes(), [])
  }
})
