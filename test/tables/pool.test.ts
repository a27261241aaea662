import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import t, { type Test as Tap } from 'tap'
import { createSpool, type SpooledFile } from '../../src/streaming/spool.ts'
import type { Conversion } from '../../src/tables/convert.ts'
import { createTablePool, type TablePool, type TablePoolOptions, type TaskOwner } from '../../src/tables/pool.ts'
import { shareFile } from '../../src/tables/shared-file.ts'
import { chunks, join } from './helper.ts'
import { readWorkbook } from './workbook-of.ts'

const PROGRAM = new URL('../../src/table-worker.js', import.meta.url)
const spool = createSpool(tmpdir(), 100, { tooMany: 'too many', noRoom: 'no room' })

const OWNER: TaskOwner = { callerId: 'one', signal: new AbortController().signal }

function poolOf (t: Tap, options: Partial<TablePoolOptions> = {}): TablePool {
  const pool = createTablePool({ program: PROGRAM, ...options })
  t.teardown(async () => { await pool.close() })
  return pool
}

async function fileOf (t: Tap, content: Buffer | string): Promise<SpooledFile> {
  const file = await spool.open()
  t.teardown(async () => { await file.close() })
  for await (const chunk of chunks(content)) await file.write(Buffer.from(chunk))
  return file
}

type Request = Pick<Conversion, 'from' | 'to'> & Partial<Conversion>

interface Running { result: Promise<{ rows: number, bytes: number }>, output: SpooledFile }

async function start (
  t: Tap, pool: TablePool, content: Buffer | string, request: Request, owner: Partial<TaskOwner> = {}
): Promise<Running> {
  const [input, output] = [await fileOf(t, content), await fileOf(t, '')]
  const files = { input: shareFile(input.fd), output: shareFile(output.fd) }
  const result = pool.run('convert', { ...files, maxBytes: 2 ** 30, ...request }, { ...OWNER, ...owner })
  // The test looks at a failure later.
  result.catch(() => {})
  return { result, output }
}

async function convert (t: Tap, pool: TablePool, content: Buffer | string, request: Request): Promise<Buffer> {
  const { result, output } = await start(t, pool, content, request)
  const { bytes } = await result
  const written = await join(output.read())
  t.equal(written.length, bytes)
  return written
}

t.test('the young generation of a thread has its own limit', async (t) => {
  const pool = poolOf(t, { program: new URL('./young-heap.js', import.meta.url) })
  const { result } = await start(t, pool, '', { from: 'csv', to: 'ndjson' })
  const { bytes } = await result
  t.ok(bytes > 0 && bytes <= 24 * 2 ** 20, `the young generation of a thread has ${bytes} bytes`)
})

const largeCsv = (rows: number): string =>
  'record_id,quantity\n' + Array.from({ length: rows }, (_, at) => `r${at},${at}.5\n`).join('')

t.test('a table goes round through all forms without a lost digit', async (t) => {
  const pool = poolOf(t)
  const rows = [
    { record_id: 'r1', quantity: '9007199254740993.12345678', start_time_utc: '2026-01-02 03:04:05' },
    { record_id: '=1+1', quantity: '-0.10', 'v.x': ' é😀 ' }
  ]
  const categories = [{ category_id: 'c' }]
  const json = JSON.stringify({ rows, categories })
  const xlsx = await convert(t, pool, json, { from: 'json', to: 'xlsx' })
  t.same((await readWorkbook(xlsx)).columns, ['record_id', 'quantity', 'start_time_utc', 'v.x'])
  t.same(JSON.parse((await convert(t, pool, xlsx, { from: 'xlsx', to: 'json' })).toString()), { rows, categories })
  const ndjson = await convert(t, pool, xlsx, { from: 'xlsx', to: 'ndjson' })
  t.ok((await convert(t, pool, ndjson, { from: 'ndjson', to: 'xlsx' })).equals(xlsx), 'the same bytes')
  const csv = await convert(t, pool, xlsx, { from: 'xlsx', to: 'csv', hasBom: true })
  t.match(
    csv.toString(),
    /^\ufeffrecord_id,quantity,start_time_utc,v\.x\r\nr1,9007199254740993\.12345678,.*\r\n'=1\+1,/
  )
  const back = await convert(t, pool, csv, { from: 'csv', to: 'json', reading: { isEscaped: true } })
  t.same(JSON.parse(back.toString()), { rows, categories: [] })
  const filled = await convert(t, pool, 'record_id;quantity\nr1;1,5\n', {
    from: 'csv', to: 'ndjson', reading: { decimal: 'comma', defaults: { tier: '0' } }
  })
  t.equal(filled.toString(), '{"record_id":"r1","quantity":"1.5","tier":"0"}\n')
})

t.test('the errors of a table reach its caller', async (t) => {
  const pool = poolOf(t)
  const cases: ReadonlyArray<[string, Request, string]> = [
    ['a,a\n', { from: 'csv', to: 'xlsx' }, 'MALFORMED_BODY'],
    ['a,b\n', { from: 'xlsx', to: 'csv' }, 'NOT_A_WORKBOOK'],
    ['a\n\u0001', { from: 'csv', to: 'xlsx' }, 'VALIDATION_FAILED'],
    [largeCsv(1000), { from: 'csv', to: 'ndjson', maxBytes: 1000 }, 'BODY_TOO_LARGE']
  ]
  for (const [content, request, code] of cases) {
    await t.rejects(convert(t, pool, content, request), { code }, code)
  }
})

t.test('a full disk is OVERLOADED', async (t) => {
  const pool = poolOf(t)
  const input = await fileOf(t, 'record_id\nr1\n')
  // Each write to this device fails with ENOSPC.
  const full = await open('/dev/full', 'r+')
  t.teardown(async () => { await full.close() })
  const files = { input: shareFile(input.fd), output: shareFile(full.fd) }
  const result = pool.run('convert', { ...files, from: 'csv', to: 'xlsx', maxBytes: 2 ** 30 }, OWNER)
  await t.rejects(result, { code: 'OVERLOADED', message: /no room on disk/ })
})

t.test('a caller that leaves ends its work, and no other', async (t) => {
  const pool = poolOf(t, { threads: 1 })
  const leaving = new AbortController()
  const long = await start(t, pool, largeCsv(400_000), { from: 'csv', to: 'xlsx' }, { signal: leaving.signal })
  const queued = await start(t, pool, largeCsv(10), { from: 'csv', to: 'json' })
  leaving.abort(new Error('left'))
  await t.rejects(long.result, { message: 'left' })
  t.equal((await queued.result).rows, 10)
})

t.test('a thread that takes too much memory is a problem for its caller alone', async (t) => {
  const pool = poolOf(t, { threads: 2, maxHeapMiB: 24 })
  const small = await start(t, pool, largeCsv(1000), { from: 'csv', to: 'xlsx' })
  const columns = Array.from({ length: 900 }, (_, at) => `"column ${at}":"${'x'.repeat(50)}"`).join(',')
  const categories = `{"category":{${columns}}}\n`.repeat(2000)
  const large = await start(t, pool, categories, { from: 'ndjson', to: 'xlsx' })
  await t.rejects(large.result, { code: 'BODY_TOO_LARGE', message: /too much memory/ })
  t.equal((await small.result).rows, 1000)
  t.equal((await (await start(t, pool, largeCsv(5), { from: 'csv', to: 'json' })).result).rows, 5)
})

t.test('what waits is bounded, and closing waits for what runs', async (t) => {
  const pool = createTablePool({ program: PROGRAM, threads: 1, maxWaiting: 1 })
  const content = largeCsv(100_000)
  const started = await Promise.all(Array.from({ length: 8 }, async () =>
    await start(t, pool, content, { from: 'csv', to: 'xlsx' })))
  const closing = pool.close()
  const outcomes = await Promise.allSettled(started.map(async ({ result }) => await result))
  await closing
  const codes = outcomes.map(one => one.status === 'fulfilled' ? 'done' : (one.reason as { code?: string }).code)
  t.ok(codes.includes('OVERLOADED'), codes.join())
  t.ok(codes.includes('done'), codes.join())
  t.same(codes.filter(code => !['done', 'OVERLOADED'].includes(code ?? '')), [])
})

t.test('the long tables of one caller stop no other, and do not fill the queue', async (t) => {
  const pool = poolOf(t, { threads: 2, maxWaiting: 4 })
  const content = largeCsv(300_000)
  const leaving = new AbortController()
  const startLong = async (): Promise<Running> =>
    await start(t, pool, content, { from: 'csv', to: 'xlsx' }, { signal: leaving.signal })
  const started = [await startLong(), await startLong(), await startLong()]
  await t.rejects((await startLong()).result, {
    code: 'RATE_LIMITED', message: 'A caller may have 2 tables wait to be read; try again later.'
  })
  const outcomes: string[] = []
  for (const { result } of started) {
    result.then(() => { outcomes.push('long') }, (error: Error) => { outcomes.push(error.message) })
  }
  const other = await start(t, pool, largeCsv(10), { from: 'csv', to: 'json' }, { callerId: 'two' })
  t.equal((await other.result).rows, 10)
  t.same(outcomes, [], 'the table of another caller is first')
  leaving.abort(new Error('left'))
  for (const { result } of started) await t.rejects(result, { message: 'left' })
})
