import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { until } from '../helper.ts'
import { formOf, KIB, MIB, workbookOf, XLSX } from './forms.ts'
import { isWhole, startFixture, UPLOAD } from './fixture.ts'

const TYPE = 'multipart/form-data; boundary=b0undary'
/** No time limit of the service ends anything within the time that these tests wait. */
const PATIENT = { env: { CONNECT_TIMEOUT_MS: '60000' } }
const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => { unhandled.push(error) })

/** Waits of ours that are under way, beside those of Node's own and of the test runner. */
function timers (): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length - idleTimers
}
let idleTimers = 0
t.before(() => { idleTimers = timers() })

interface Cut { name: string, body: Buffer, at: number, type: string }

function cutsOf (size: number): Cut[] {
  const file = workbookOf(size)
  const form = formOf({ file })
  const start = form.indexOf('PK')
  const points = {
    nothing: 0,
    'half a delimiter': 5,
    'half the part headers': 40,
    'the part headers': start,
    'the first bytes of the file': start + 2,
    'half the file': start + Math.floor(size / 2),
    'the file': start + size,
    'half the closing boundary': start + size + 6,
    'all but a dash': form.length - 3,
    'all but the last line break': form.length - 2
  }
  return [
    ...Object.entries(points).map(([name, at]): Cut => ({ name, body: form, at, type: TYPE })),
    { name: 'half the raw file', body: file, at: Math.floor(size / 2), type: XLSX },
    { name: 'all but a byte of the raw file', body: file, at: size - 1, type: XLSX }
  ]
}

t.test('a body that is cut off never reaches Connect whole, however the connection ends', async (t) => {
  const fixture = await startFixture(t, PATIENT)
  for (const size of [5000, MIB]) {
    for (const { name, body, at, type } of cutsOf(size)) {
      for (const isChunked of [false, true]) {
        for (const goes of ['FIN', 'RST', 'half closing'] as const) {
          const what = `${name} of ${size}${isChunked ? ', chunked' : ''}, then ${goes}`
          const before = fixture.uploads().length
          const logged = fixture.logs.length
          const client = await fixture.client()
          const part = body.subarray(0, at)
          await client.sendHead({
            path: UPLOAD,
            headers: {
              'content-type': type,
              ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) })
            }
          })
          if (isChunked) await client.sendChunked(part, 'whole', false)
          else await client.sendBody(part)
          await until(() => fixture.upstream.exchanges.length > 0, 'the request to arrive')
          if (goes === 'RST') client.socket.resetAndDestroy()
          else client.socket.end()
          if (goes === 'half closing') {
            const answer = await client.answer().catch(() => null)
            if (answer !== null) t.match(answer, { status: 400, json: { code: 'MALFORMED_BODY' } }, what)
          }
          if (goes === 'FIN') client.socket.destroy()
          const line = (): Record<string, unknown> | undefined =>
            fixture.logs.slice(logged).find(({ msg }) => msg === 'request')
          await until(() => line() !== undefined, `${what}: the log line`)
          for (const sent of fixture.uploads().slice(before)) t.equal(await isWhole(sent), false, what)
        }
      }
    }
  }
  await fixture.quiet()
  await until(() => timers() === 0, 'timers to end')
  t.same(fixture.spooled(), [])
  t.same(unhandled, [])
  t.same(fixture.logs.filter(({ level }) => level === 'error'), [], 'a caller that leaves is no error of ours')
})

t.test('nothing waits any more after a caller has left', async (t) => {
  const fixture = await startFixture(t, PATIENT)
  for (const type of [TYPE, XLSX]) {
    const body = formOf({ file: workbookOf(MIB) })
    const client = await fixture.client()
    let isLookedUp = false
    fixture.onRead(async () => {
      client.socket.resetAndDestroy()
      await until(
        () => fixture.logs.some(({ msg, status }) => msg === 'request' && status === 499),
        'the caller to be seen leaving'
      )
      isLookedUp = true
    })
    await client.sendHead({ path: UPLOAD, headers: { 'content-type': type, 'content-length': String(body.length) } })
    await client.sendBody(body.subarray(0, 1000))
    await until(() => isLookedUp, 'the look-up')
    await fixture.quiet()
    await until(() => timers() === 0, 'timers to end')
    t.same(fixture.uploads(), [])
    fixture.onRead(() => {})
    fixture.logs.length = 0
  }
})

t.test('an early answer of Connect does not wait for a caller that stops before the end', async (t) => {
  const fixture = await startFixture(t, PATIENT)
  const form = formOf({ file: workbookOf(MIB) })
  for (const missing of [2, 4, 10]) {
    const client = await fixture.client()
    let arrived = 0
    fixture.onUpload(async (exchange) => {
      await until(() => exchange.received() > MIB - 100_000 || arrived > 0, 'most of the file')
      exchange.json(400, { error_code: 'VAL_001', errors: ['Wrong.'] }, { connection: 'close' })
      arrived += 1
    })
    const startedAt = Date.now()
    await client.sendHead({ path: UPLOAD, headers: { 'content-type': TYPE, 'content-length': String(form.length) } })
    await client.sendBody(form.subarray(0, form.length - missing))
    t.match(
      await client.answer(),
      { status: 400, json: { code: 'CONNECT_REJECTED', connect: { errors: ['Wrong.'] } } },
      `${missing} bytes missing`
    )
    t.ok(Date.now() - startedAt < 15_000, 'long before the caller would count as silent')
    client.socket.destroy()
  }
  await fixture.quiet()
  await until(() => timers() === 0, 'timers to end')
})

t.test('the end of a well-formed body may come late', async (t) => {
  const fixture = await startFixture(t, PATIENT)
  const client = await fixture.client()
  for (const size of [5000, 256 * KIB, MIB]) {
    const form = formOf({ file: workbookOf(size), epilogue: '\r\nbye' })
    for (const late of [1, 5, 7]) {
      for (const isChunked of [false, true]) {
        const head = form.subarray(0, form.length - late)
        await client.sendHead({
          path: UPLOAD,
          headers: {
            'content-type': TYPE,
            ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(form.length) })
          }
        })
        if (isChunked) await client.sendChunked(head, { seed: 1, maxBytes: 90_000 }, false)
        else await client.sendBody(head)
        for (let i = 0; i < 30; i += 1) await turn()
        if (isChunked) {
          await client.sendChunked(form.subarray(-late), 'bytes', false)
          for (let i = 0; i < 30; i += 1) await turn()
          await client.send('0\r\n')
          for (let i = 0; i < 30; i += 1) await turn()
          await client.send('\r\n')
        } else {
          await client.sendBody(form.subarray(-late), 'bytes')
        }
        const answer = await client.answer()
        t.match(answer, { status: 202 }, `${size} bytes, the last ${late} late, ${isChunked}: ${answer.text}`)
        t.equal(await isWhole(fixture.uploads().at(-1) as never), true)
      }
    }
  }
})

t.test('the end of a raw body may come late', async (t) => {
  const fixture = await startFixture(t, PATIENT)
  const client = await fixture.client()
  for (const size of [5000, MIB]) {
    await client.sendHead({ path: UPLOAD, headers: { 'content-type': XLSX, 'transfer-encoding': 'chunked' } })
    await client.sendChunked(workbookOf(size), 'whole', false)
    for (let i = 0; i < 30; i += 1) await turn()
    await client.send('0\r\n\r\n')
    t.match(await client.answer(), { status: 202 })
  }
})
