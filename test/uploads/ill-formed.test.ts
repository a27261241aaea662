import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { until } from '../helper.ts'
import { formOf, KIB, MIB, workbookOf, XLSX, ZIP_END } from './forms.ts'
import { isWhole, startFixture, UPLOAD, type Fixture } from './fixture.ts'
import type { WireClient } from './wire.ts'
import { endOfZip, MAX, TYPE } from './ill-formed-fixture.ts'
import { onceOnly, rowsOf } from './ill-formed-forms.ts'

const SIZES = { small: 5000, large: MIB }

const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => { unhandled.push(error) })

/** The connection goes on with an answer of its own, or is over. */
async function proveUsable (
  t: Test,
  client: WireClient,
  answer: { headers: Record<string, string> },
  what: string
): Promise<void> {
  if (answer.headers['connection'] === 'close') {
    await until(client.isClosed, `${what}: the end of the connection`)
    return
  }
  await client.sendHead({ method: 'GET', path: '/health/live', key: null })
  const next = await client.answer()
  t.match(next, { status: 200, json: { status: 'ok' } }, `${what}: the next request has its own answer`)
}

async function neverWhole (t: Test, fixture: Fixture, before: number, what: string): Promise<void> {
  for (const sent of fixture.uploads().slice(before)) {
    t.equal(await isWhole(sent), false, `${what}: Connect has no whole body`)
  }
}

t.test('an ill-formed upload is refused with its reason, and Connect gets no whole body', async (t) => {
  const fixture = await startFixture(t, { env: { UPLOAD_MAX_BYTES: String(MAX), UPLOAD_IDLE_TIMEOUT_MS: '5000' } })
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  await fixture.quiet()
  const openBefore = descriptors()
  for (const [size, rows] of [
    ['small', rowsOf(SIZES.small)],
    ['large', rowsOf(SIZES.large)],
    ['once', onceOnly]
  ] as const) {
    for (const { name, expected, expectedOfLarge = expected, body, headers = {} } of rows) {
      const [status, code] = size === 'large' ? expectedOfLarge : expected
      for (const isChunked of [false, true]) {
        const what = `${name} (${size}${isChunked ? ', chunked' : ''})`
        if (isChunked && body.length === 0) continue
        const before = fixture.uploads().length
        const client = await fixture.client()
        if (isChunked) {
          await client.sendHead({ path: UPLOAD, headers: { ...headers, 'transfer-encoding': 'chunked' } })
          await client.sendChunked(body, { seed: body.length, maxBytes: 150_000 })
        } else {
          await client.sendHead({ path: UPLOAD, headers: { ...headers, 'content-length': String(body.length) } })
          await client.sendBody(body, { seed: body.length, maxBytes: 150_000 })
        }
        try {
          const answer = await client.answer()
          t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ }, json: { code } }, what)
          await proveUsable(t, client, answer, what)
        } catch (error) {
          t.fail(`${what}: ${String(error)}`)
        }
        await client.closed()
        await neverWhole(t, fixture, before, what)
      }
    }
  }
  await fixture.quiet()
  t.same(fixture.spooled(), [])
  await until(() => descriptors() <= openBefore, 'the descriptors to be closed').catch(() =>
    t.equal(descriptors(), openBefore)
  )
  t.same(unhandled, [])
})

t.test('a part that the parser cannot finish is refused as soon as the body has arrived', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  const body = formOf({
    file: workbookOf(300_000),
    disposition: 'Content-Disposition: attachment; filename="usage.xlsx"'
  })
  await client.sendHead({ path: UPLOAD, headers: { 'content-type': TYPE, 'content-length': String(body.length) } })
  await client.sendBody(body)
  const began = Date.now()
  // Whether it stops in the part or gets to its end without a file is a matter of how the bytes come.
  t.match(await client.answer(), { status: 400, json: { code: /^(?:MALFORMED_BODY|FILE_MISSING)$/ } })
  t.ok(Date.now() - began < 10_000, 'long before the caller would count as silent')
  await client.closed()
  await fixture.quiet()
})

t.test('a large workbook that is cut off never reaches Connect whole, although its form is well-formed', async (t) => {
  const fixture = await startFixture(t)
  const file = workbookOf(MIB).subarray(0, -100)
  for (const [type, body] of [[XLSX, file], [TYPE, formOf({ file })]] as const) {
    const before = fixture.uploads().length
    const client = await fixture.client()
    await client.sendHead({ path: UPLOAD, headers: { 'content-type': type, 'content-length': String(body.length) } })
    await client.sendBody(body)
    t.match(await client.answer(), { status: 422, json: { code: 'NOT_A_WORKBOOK' } })
    t.equal(fixture.uploads().length, before + 1, 'it was on its way')
    await neverWhole(t, fixture, before, type)
    await client.closed()
  }
  await fixture.quiet()
})

t.test('half a workbook of unknown length never reaches Connect, and a whole one does', async (t) => {
  const fixture = await startFixture(t)
  const file = workbookOf(600 * KIB)
  const commented = Buffer.concat([
    workbookOf(300 * KIB).subarray(0, -ZIP_END.length),
    endOfZip(0, 1000, 60_000),
    Buffer.alloc(60_000, 'PK\x05\x06', 'latin1')
  ])
  for (const [body, expected] of [
    [file.subarray(0, 500 * KIB), { status: 422, json: { code: 'NOT_A_WORKBOOK' } }],
    [commented, { status: 202 }],
    [file, { status: 202 }]
  ] as const) {
    const before = fixture.uploads().length
    const client = await fixture.client()
    await client.sendHead({ path: UPLOAD, headers: { 'content-type': XLSX, 'transfer-encoding': 'chunked' } })
    await client.sendChunked(body, { seed: 3, maxBytes: 90_000 })
    t.match(await client.answer(), expected)
    t.equal(fixture.uploads().length - before, expected.status === 202 ? 1 : 0)
    await client.closed()
  }
  await fixture.quiet()
})
