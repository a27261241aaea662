import t, { type Test } from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { receiveBilling, receiveJson, receiveNdjson, type Defaults } from '../../src/closing/receive-records.ts'
import { SpooledRecords, type RecordToClose } from '../../src/closing/spooled-records.ts'
import { pieces, type Split } from '../streaming/wire.ts'
import { idOf, memoryPlace } from './stage.ts'

async function * bodyOf (bytes: Buffer, split: Split): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces(bytes, split)) yield piece
}

type Receive = (body: AsyncIterable<Buffer>, records: SpooledRecords) => Promise<Defaults>

async function take (receive: Receive, body: string | Buffer, split: Split = 'whole'): Promise<{ records: RecordToClose[], defaults: Defaults }> {
  const records = new SpooledRecords(memoryPlace())
  const defaults = await receive(bodyOf(Buffer.from(body as string), split), records)
  const all: RecordToClose[] = []
  for await (const block of records.read()) all.push(...block)
  return { records: all, defaults }
}

async function refusal (t: Test, receive: Receive, body: string | Buffer, split: Split = 'whole'): Promise<{ code: string, detail: string, errors: string[] }> {
  const error = await take(receive, body, split).then(() => null, (problem: unknown) => problem)
  if (!(error instanceof AppError)) {
    t.fail(`it was taken, or failed otherwise: ${String(error)}`)
    return { code: '', detail: '', errors: [] }
  }
  return { code: error.code, detail: error.message, errors: (error.options.errors ?? []).map(({ path, message }) => `${path} ${message}`) }
}

const ID = idOf(1)
const UNSTORABLE = 'cannot hold control characters other than tab and line breaks, or half a character'
const line = (n: number, more: object = { externalBillingId: 'INV-1' }): string => JSON.stringify({ id: idOf(n), ...more })

t.test('a line is a record, whatever ends it and however it is cut', async (t) => {
  const wanted = [
    { id: idOf(1), externalBillingId: 'INV-1', externalBillingNote: null },
    { id: idOf(2), externalBillingId: 'INV-2', externalBillingNote: 'ü € 😀 "\\\n' },
    { id: idOf(3), externalBillingId: 'INV-1', externalBillingNote: '' }
  ]
  const lines = wanted.map(({ externalBillingNote: note, ...rest }) => JSON.stringify({ ...rest, ...(note !== null && { externalBillingNote: note }) }))
  for (const body of [lines.join('\n'), `${lines.join('\n')}\n`, `${lines.join('\r\n')}\r\n`, `\n \n${lines.join('\n\n\t\n')}\r\n\r\n`, `\ufeff${lines.join('\n')}`]) {
    for (const split of ['whole', 'bytes', { seed: 1, maxBytes: 7 }, { seed: 2, maxBytes: 3 }] as Split[]) {
      t.same((await take(receiveNdjson, body, split)).records, wanted, `${JSON.stringify(body.slice(0, 12))} ${JSON.stringify(split)}`)
    }
  }
})

t.test('lengths count characters, as the document says, not halves of them', async (t) => {
  const longest = '😀'.repeat(255)
  const texts = { externalBillingId: longest, externalBillingNote: longest }
  t.same((await take(receiveNdjson, line(1, texts))).records, [{ id: idOf(1), ...texts }])
  t.same((await take(receiveJson, JSON.stringify({ records: [{ id: idOf(1) }], ...texts }))).defaults, texts)
  t.same(await receiveBilling(bodyOf(Buffer.from(JSON.stringify(texts)), 'whole')), texts)
  t.same((await refusal(t, receiveNdjson, line(1, { ...texts, externalBillingNote: `${longest}x` }))).errors, ['line 1.externalBillingNote must be a text of at most 255 characters'])
})

t.test('bad lines are named with what is wrong in them', async (t) => {
  const body = [
    line(1),
    '{"id":',
    '[]',
    '{}',
    line(2, {}),
    line(3, { externalBillingId: 5 }),
    line(4, { externalBillingId: ' ' }),
    line(5, { externalBillingId: 'x'.repeat(256) }),
    line(6, { externalBillingId: 'x', externalBillingNote: 'x'.repeat(256) }),
    line(7, { externalBillingId: 'x', externalBillingNote: 5 }),
    line(8, { externalBillingId: 'x', note: 'x' }),
    '',
    `{"id":"${ID}","id":"${ID}","externalBillingId":"x"}`,
    `{"id":"${ID}","externalBillingId":"x","externalBilling\\u0049d":"y"}`,
    '{"id":"UF-2026-11-0000-0001","externalBillingId":"x"}',
    `{"id":"${ID}","externalBillingId":"x","__proto__":{"a":1}}`,
    '{"id":"UR-2026-11-1/../2","externalBillingId":"x"}',
    line(9, { externalBillingId: 'a\ud800' }),
    line(10, { externalBillingId: 'x', externalBillingNote: 'a\0' }),
    line(11, { externalBillingId: 'x\u001b[31m' })
  ].join('\n')
  const { code, detail, errors } = await refusal(t, receiveNdjson, body)
  t.equal(code, 'VALIDATION_FAILED')
  t.match(detail, /^19 faults in the body, the first: line 2 is not JSON. Nothing was sent.$/)
  const TEXT = 'must be a text of 1 to 255 characters'
  t.same(errors, [
    'line 2 is not JSON', 'line 3 must be an object', 'line 4.id is required', 'line 4.externalBillingId is required', 'line 5.externalBillingId is required',
    `line 6.externalBillingId ${TEXT}`, `line 7.externalBillingId ${TEXT}`, `line 8.externalBillingId ${TEXT}`,
    'line 9.externalBillingNote must be a text of at most 255 characters', 'line 10.externalBillingNote must be a text of at most 255 characters',
    'line 11.note is not known here', 'line 13 has a field twice', 'line 14 has a field twice', 'line 15.id is not the id of a usage record',
    'line 16.__proto__ is not known here', 'line 17.id is not the id of a usage record',
    `line 18.externalBillingId ${UNSTORABLE}`, `line 19.externalBillingNote ${UNSTORABLE}`, `line 20.externalBillingId ${UNSTORABLE}`
  ])
})

t.test('a field given twice is noticed, whatever its first value was and whatever its texts hold', async (t) => {
  const own = `"id":"${ID}","externalBillingId":"x"`
  for (const first of ['null', '5', '""', '"a:b"', '[]', '["a","b"]', '{"a":"b"}', '"\\"id\\":"', '"\\u0041"']) {
    t.same((await refusal(t, receiveNdjson, `{"externalBillingNote":${first},${own},"externalBillingNote":"note"}`)).errors, ['line 1 has a field twice'], first)
    t.same((await refusal(t, receiveNdjson, `{"externalBillingNote":${first},${own},"externalBillingNote":null}`)).errors, ['line 1 has a field twice'], `${first}, then null`)
  }
  for (const note of ['null', '""', '"a:b, {c}"', '"\\"id\\":"', '"\\\\"', '"\\u0022 :"']) {
    t.same((await take(receiveNdjson, `{"externalBillingNote" : ${note} , ${own}}`)).records, [{ id: ID, externalBillingId: 'x', externalBillingNote: JSON.parse(note) as string | null }], note)
  }
})

t.test('a note of null is the same as none, a billing id of null is none', async (t) => {
  const none = { externalBillingId: 'INV-1', externalBillingNote: null }
  t.same((await take(receiveNdjson, line(1, none))).records, [{ id: ID, ...none }])
  t.same(await take(receiveJson, JSON.stringify({ records: [{ id: ID, ...none }], externalBillingNote: null })), { records: [{ id: ID, ...none }], defaults: { externalBillingId: null, externalBillingNote: null } })
  t.same(await receiveBilling(bodyOf(Buffer.from(JSON.stringify(none)), 'whole')), none)
  t.same((await refusal(t, receiveNdjson, line(1, { externalBillingId: null }))).errors, ['line 1.externalBillingId must be a text of 1 to 255 characters'])
})

t.test('texts full of signs are not taken for fields', async (t) => {
  for (const note of ['"id":', 'a": b', '\\":', ':', '","id":"x', '{"id":"\\', '\\\\" :']) {
    t.same((await take(receiveNdjson, line(1, { externalBillingId: note, externalBillingNote: note }))).records, [{ id: ID, externalBillingId: note, externalBillingNote: note }], note)
  }
})

t.test('reading ends at the hundredth fault, and nothing is kept', async (t) => {
  const records = new SpooledRecords(memoryPlace())
  const body = Array.from({ length: 5000 }, (_, n) => n % 2 === 0 ? '{}' : line(n)).join('\n')
  let read = 0
  const counted = async function * (): AsyncGenerator<Buffer, void, void> {
    for await (const piece of bodyOf(Buffer.from(body), { seed: 1, maxBytes: 1000 })) {
      read += piece.length
      yield piece
    }
  }
  const error = await receiveNdjson(counted(), records).catch((problem: unknown) => problem) as AppError
  t.match(error.message, /^100 faults or more in the body, the first: line 1.id is required. Nothing was sent.$/)
  t.equal(error.options.errors?.length, 100)
  t.equal(error.options.errors?.at(-1)?.path, 'line 99.externalBillingId')
  t.ok(read < 20_000, `${read} of ${body.length} bytes were read`)
  t.equal(records.count, 0)
  const without = Array.from({ length: 5000 }, (_, n) => line(n, {})).join(',')
  t.equal((await refusal(t, receiveJson, `{"records":[${without}]}`)).errors.length, 100, 'also those that are known at the end')
})

t.test('a line has a bound, however it arrives', async (t) => {
  for (const split of ['whole', { seed: 1, maxBytes: 5000 }, { seed: 2, maxBytes: 64 }] as Split[]) {
    const padded = (length: number): string => `${line(1)}${' '.repeat(length - line(1).length)}\n`
    t.equal((await take(receiveNdjson, line(0) + '\n' + padded(16_384), split)).records.length, 2)
    t.match(await refusal(t, receiveNdjson, line(0) + '\n' + padded(16_385), split), { code: 'MALFORMED_BODY', detail: 'Line 2 is too long.' })
    t.match(await refusal(t, receiveNdjson, `${line(0)}\n${'x'.repeat(400_000)}`, split), { code: 'MALFORMED_BODY', detail: 'Line 2 is too long.' })
  }
})

t.test('what is not UTF-8 is refused, cut characters are not', async (t) => {
  const good = Buffer.from(line(1, { externalBillingId: 'é€😀' }))
  for (const at of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    const cut = good.length - 2 - at
    const records = new SpooledRecords(memoryPlace())
    await receiveNdjson((async function * () {
      yield good.subarray(0, cut)
      yield Buffer.alloc(0)
      yield good.subarray(cut)
    })(), records)
    t.equal((await records.at(0)).externalBillingId, 'é€😀')
  }
  for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0x80], [0xc0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    for (const split of ['whole', 'bytes'] as Split[]) {
      t.match(await refusal(t, receiveNdjson, Buffer.concat([Buffer.from(`${line(1)}\n`), Buffer.from(bytes)]), split), { code: 'MALFORMED_BODY', detail: 'The body is not UTF-8.' })
    }
  }
})

t.test('a body without a record is refused', async (t) => {
  for (const body of ['', '\n', ' \r\n\n', '\ufeff']) t.same((await refusal(t, receiveNdjson, body)).errors, ['body has no record'], JSON.stringify(body))
  t.same((await refusal(t, receiveJson, '{"records":[],"externalBillingId":"x"}')).errors, ['body has no record'])
})

t.test('defaults may stand before and after the records, and a record may have its own', async (t) => {
  const records = `"records":[{"id":"${ID}"},{"id":"${idOf(2)}","externalBillingId":"OWN","externalBillingNote":""}]`
  const billing = '"externalBillingId":"INV","externalBillingNote":"n"'
  for (const body of [`{${records},${billing}}`, `{${billing},${records}}`]) {
    for (const split of ['whole', 'bytes'] as Split[]) {
      t.same(await take(receiveJson, body, split), {
        records: [{ id: ID, externalBillingId: null, externalBillingNote: null }, { id: idOf(2), externalBillingId: 'OWN', externalBillingNote: '' }],
        defaults: { externalBillingId: 'INV', externalBillingNote: 'n' }
      })
    }
  }
})

t.test('faults of the JSON form are named with their index', async (t) => {
  const faultsOf = async (body: string): Promise<string[]> => (await refusal(t, receiveJson, body)).errors
  t.same(await faultsOf(`{"records":[{"id":"${ID}","externalBillingId":"x"},{"id":"${idOf(2)}"}]}`), ['records[1].externalBillingId is required: there is no default'])
  t.same(await faultsOf('{}'), ['body.records is required'])
  t.same(await faultsOf('{"records":null}'), ['body.records must be an array'])
  t.same(await faultsOf(`{"records":[{"id":"${ID}"}],"externalBillingId":null}`), ['body.externalBillingId must be a text of 1 to 255 characters'])
  t.same(await faultsOf(`{"records":[{"id":"${ID}"}],"externalBillingId":"x","__proto__":1,"note":2}`), ['body.__proto__ is not known here'])
  t.same(await faultsOf(`{"records":[1,{"id":"${ID}"}],"externalBillingId":"x"}`), ['records[0] must be an object'])
  t.same(await faultsOf(`{"records":[{"id":"${ID}","id":"${ID}"}],"externalBillingId":"x"}`), ['records[0] has a field twice'])
  const all = await refusal(t, receiveJson, JSON.stringify({ records: Array.from({ length: 150 }, (_, n) => ({ id: idOf(n) })) }))
  t.equal(all.errors.length, 100)
  t.equal((await refusal(t, receiveJson, '{"records":[}')).code, 'MALFORMED_BODY')
  t.equal((await refusal(t, receiveJson, '{"records":[],"records":[]}')).code, 'MALFORMED_BODY')
})

t.test('the billing of a whole file is one small object', async (t) => {
  const billing = async (text: string): Promise<Defaults> => await receiveBilling(bodyOf(Buffer.from(text), 'bytes'))
  t.same(await billing(' {"externalBillingId":"INV","externalBillingNote":"n"} '), { externalBillingId: 'INV', externalBillingNote: 'n' })
  t.same(await billing('{"externalBillingId":"INV"}'), { externalBillingId: 'INV', externalBillingNote: null })
  for (const [text, code] of [['', 'MALFORMED_BODY'], ['{', 'MALFORMED_BODY'], ['[]', 'VALIDATION_FAILED'], ['null', 'VALIDATION_FAILED'], ['{}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":""}', 'VALIDATION_FAILED'], ['{"externalBillingId":"a","id":"b"}', 'VALIDATION_FAILED'], ['{"externalBillingId":"a","externalBillingId":"b"}', 'VALIDATION_FAILED']] as const) {
    await t.rejects(billing(text), { code }, text)
  }
})

t.test('an unknown member is refused at its name: nothing of it is read, however large it is', async (t) => {
  let read = 0
  const body = async function * (): AsyncGenerator<Buffer, void, void> {
    yield Buffer.from(`{"records":[{"id":"${ID}"}],"externalBillingId":"x"`)
    for (let n = 0; n < 1000; n += 1) {
      read += 1
      yield Buffer.from(`,"m${n}":[${'[],'.repeat(2000)}[]]`)
    }
    yield Buffer.from('}')
  }
  const error = await receiveJson(body(), new SpooledRecords(memoryPlace())).catch((problem: unknown) => problem) as AppError
  t.match([error.code, error.options.errors], ['VALIDATION_FAILED', [{ path: 'body.m0', message: 'is not known here' }]])
  t.equal(read, 1)
})

t.test('an id that is no text is a fault of its line, however it is nested', async (t) => {
  const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`
  for (const id of ['{"toString":1}', '[]', '5', 'null', nested]) {
    const message = 'is not the id of a usage record'
    t.same((await refusal(t, receiveNdjson, `{"id":${id},"externalBillingId":"x"}`)).errors, [`line 1.id ${message}`], id.slice(0, 20))
    const json = `{"records":[{"id":${id}}],"externalBillingId":"x"}`
    t.same((await refusal(t, receiveJson, json)).errors, [`records[0].id ${message}`], id.slice(0, 20))
  }
})

t.test('a body that is there at once leaves other work its turn', async (t) => {
  const block = Buffer.from(`${Array.from({ length: 2_000 }, (_, n) => line(n)).join('\n')}\n`)
  let longest = 0
  let last = performance.now()
  let isOver = false
  const watch = (): void => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
    if (!isOver) setImmediate(watch)
  }
  setImmediate(watch)
  let turns = 0
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await receiveNdjson((async function * () { for (let n = 0; n < 200; n += 1) yield block })(), new SpooledRecords(memoryPlace()))
  isOver = true
  t.ok(turns > 10, `${turns} turns of the event loop for others, the longest wait ${Math.round(longest)} ms`)
})
