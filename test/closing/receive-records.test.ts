import { execFile } from 'node:child_process'
import t, { type Test } from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { receiveBilling, receiveJson, receiveNdjson, type Defaults } from '../../src/closing/receive-records.ts'
import { SpooledRecords, type RecordToClose } from '../../src/closing/spooled-records.ts'
import { asProvider, makeApp } from '../helper.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { withoutTestHooks } from '../smoke/processes.ts'
import { pieces, type Split } from '../uploads/wire.ts'
import { countTurns, idOf, memoryPlace } from './stage.ts'

async function * bodyOf (bytes: Buffer, split: Split): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces(bytes, split)) yield piece
}

type Receive = (body: AsyncIterable<Buffer>, records: SpooledRecords) => Promise<Defaults>

async function take (
  receive: Receive,
  body: string | Buffer,
  split: Split = 'whole'
): Promise<{ records: RecordToClose[]; defaults: Defaults }> {
  const records = new SpooledRecords(memoryPlace())
  const defaults = await receive(bodyOf(Buffer.from(body as string), split), records)
  const all: RecordToClose[] = []
  for await (const block of records.read()) all.push(...block)
  return { records: all, defaults }
}

async function refusal (
  t: Test,
  receive: Receive,
  body: string | Buffer,
  split: Split = 'whole'
): Promise<{ code: string; detail: string; errors: string[] }> {
  const error = await take(receive, body, split).then(
    () => null,
    (problem: unknown) => problem
  )
  if (!(error instanceof AppError)) {
    t.fail(`it was taken, or failed otherwise: ${String(error)}`)
    return { code: '', detail: '', errors: [] }
  }
  return {
    code: error.code,
    detail: error.message,
    errors: (error.options.errors ?? []).map(({ path, message }) => `${path} ${message}`)
  }
}

const ID = idOf(1)
const UNSTORABLE = 'cannot hold control characters other than tab and line breaks, or half a character'
const line = (n: number, more: object = { externalBillingId: 'INV-1' }): string =>
  JSON.stringify({ id: idOf(n), ...more })

t.test('each line is one record, with any line ending and in any chunks', async (t) => {
  const wanted = [
    { id: idOf(1), externalBillingId: 'INV-1', externalBillingNote: null },
    { id: idOf(2), externalBillingId: 'INV-2', externalBillingNote: 'ü € 😀 "\\\n' },
    { id: idOf(3), externalBillingId: 'INV-1', externalBillingNote: '' }
  ]
  const lines = wanted.map(({ externalBillingNote: note, ...rest }) =>
    JSON.stringify({ ...rest, ...(note !== null && { externalBillingNote: note }) })
  )
  for (const body of [
    lines.join('\n'),
    `${lines.join('\n')}\n`,
    `${lines.join('\r\n')}\r\n`,
    `\n \n${lines.join('\n\n\t\n')}\r\n\r\n`,
    `\ufeff${lines.join('\n')}`
  ]) {
    for (const split of ['whole', 'bytes', { seed: 1, maxBytes: 7 }, { seed: 2, maxBytes: 3 }] as Split[]) {
      t.same(
        (await take(receiveNdjson, body, split)).records,
        wanted,
        `${JSON.stringify(body.slice(0, 12))} ${JSON.stringify(split)}`
      )
    }
  }
})

t.test('lengths count characters, not UTF-16 code units', async (t) => {
  const longest = '😀'.repeat(255)
  const texts = { externalBillingId: longest, externalBillingNote: longest }
  t.same((await take(receiveNdjson, line(1, texts))).records, [{ id: idOf(1), ...texts }])
  t.same((await take(receiveJson, JSON.stringify({ records: [{ id: idOf(1) }], ...texts }))).defaults, texts)
  t.same(await receiveBilling(bodyOf(Buffer.from(JSON.stringify(texts)), 'whole')), texts)
  t.same((await refusal(t, receiveNdjson, line(1, { ...texts, externalBillingNote: `${longest}x` }))).errors, [
    'line 1.externalBillingNote must be a text of at most 255 characters'
  ])
})

t.test('each bad line is named with its faults', async (t) => {
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
    'line 2 is not JSON',
    'line 3 must be an object',
    'line 4.id is required',
    'line 4.externalBillingId is required',
    'line 5.externalBillingId is required',
    `line 6.externalBillingId ${TEXT}`,
    `line 7.externalBillingId ${TEXT}`,
    `line 8.externalBillingId ${TEXT}`,
    'line 9.externalBillingNote must be a text of at most 255 characters',
    'line 10.externalBillingNote must be a text of at most 255 characters',
    'line 11.note is not known here',
    'line 13 has a field twice',
    'line 14 has a field twice',
    'line 15.id is not the id of a usage record',
    'line 16.__proto__ is not known here',
    'line 17.id is not the id of a usage record',
    `line 18.externalBillingId ${UNSTORABLE}`,
    `line 19.externalBillingNote ${UNSTORABLE}`,
    `line 20.externalBillingId ${UNSTORABLE}`
  ])
})

t.test('a field that comes twice is found, with any first value and any text', async (t) => {
  const own = `"id":"${ID}","externalBillingId":"x"`
  for (const first of ['null', '5', '""', '"a:b"', '[]', '["a","b"]', '{"a":"b"}', '"\\"id\\":"', '"\\u0041"']) {
    t.same(
      (await refusal(t, receiveNdjson, `{"externalBillingNote":${first},${own},"externalBillingNote":"note"}`)).errors,
      ['line 1 has a field twice'],
      first
    )
    t.same(
      (await refusal(t, receiveNdjson, `{"externalBillingNote":${first},${own},"externalBillingNote":null}`)).errors,
      ['line 1 has a field twice'],
      `${first}, then null`
    )
  }
  for (const note of ['null', '""', '"a:b, {c}"', '"\\"id\\":"', '"\\\\"', '"\\u0022 :"']) {
    t.same(
      (await take(receiveNdjson, `{"externalBillingNote" : ${note} , ${own}}`)).records,
      [{ id: ID, externalBillingId: 'x', externalBillingNote: JSON.parse(note) as string | null }],
      note
    )
  }
})

t.test('a note of null counts as no note, and a billing id of null as no billing id', async (t) => {
  const none = { externalBillingId: 'INV-1', externalBillingNote: null }
  t.same((await take(receiveNdjson, line(1, none))).records, [{ id: ID, ...none }])
  t.same(await take(receiveJson, JSON.stringify({ records: [{ id: ID, ...none }], externalBillingNote: null })), {
    records: [{ id: ID, ...none }],
    defaults: { externalBillingId: null, externalBillingNote: null }
  })
  t.same(await receiveBilling(bodyOf(Buffer.from(JSON.stringify(none)), 'whole')), none)
  t.same((await refusal(t, receiveNdjson, line(1, { externalBillingId: null }))).errors, [
    'line 1.externalBillingId must be a text of 1 to 255 characters'
  ])
})

t.test('quotes and braces in texts are not read as fields', async (t) => {
  for (const note of ['"id":', 'a": b', '\\":', ':', '","id":"x', '{"id":"\\', '\\\\" :']) {
    t.same(
      (await take(receiveNdjson, line(1, { externalBillingId: note, externalBillingNote: note }))).records,
      [{ id: ID, externalBillingId: note, externalBillingNote: note }],
      note
    )
  }
})

function many (count: number, make: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => make(n)).join()
}

/** Chunks of a body, and how many of them were read. */
function counted (chunk: string, count: number): { body: AsyncGenerator<Buffer, void, void>, read: () => number } {
  let read = 0
  const body = (async function * () {
    for (; read < count;) {
      read += 1
      yield Buffer.from(chunk)
    }
  })()
  return { body, read: () => read }
}

t.test('reading ends at the hundredth fault, all hundred are named, and nothing is kept', async (t) => {
  const bad = [
    [receiveNdjson, '', 'x\n'.repeat(1000), 'line 1 is not JSON'],
    [receiveNdjson, `${line(0)}\n`, `${line(1, {})}\n`.repeat(200), 'line 2.externalBillingId is required'],
    [receiveNdjson, '', 'record_id,amount,quantity,start\n'.repeat(200), 'line 1 is not JSON'],
    [receiveNdjson, '', `{${many(500, n => `"n${n}":1`)}}\n`, 'line 1.n0 is not known here'],
    [receiveJson, '{"records":[{}', ',{"id":{}}'.repeat(200), 'records[0].id is required']
  ] as const
  for (const [receive, begin, chunk, first] of bad) {
    const records = new SpooledRecords(memoryPlace())
    const { body, read } = counted(chunk, 1000)
    const whole = (async function * () {
      yield Buffer.from(begin)
      yield * body
    })()
    const error = await receive(whole, records).catch((problem: unknown) => problem) as AppError
    t.equal(error.code, 'VALIDATION_FAILED', first)
    t.equal(error.message, `100 or more faults in the body, the first: ${first}. Nothing was sent.`)
    t.equal(error.options.errors?.length, 100)
    t.ok(records.count <= 1)
    t.equal(read(), 1, 'chunks read')
  }
})

t.test('an unknown member is named, together with the faults before it', async (t) => {
  for (const [begin, faults] of [
    ['{"m0":', ['body.m0 is not known here: send one record a line as application/x-ndjson']],
    [
      `{"externalBillingId":"x","billingNote":"y","id":"${ID}"`,
      ['body.billingNote is not known here: send one record a line as application/x-ndjson']
    ],
    [
      `{"externalBillingNote":"y","externalBillingId":"x","id":"${ID}"`,
      ['body.id is not known here: send one record a line as application/x-ndjson']
    ],
    ['{"records":[],"m0":', ['body.m0 is not known here']],
    [`{"id":"${ID}","m":`, ['body.id is not known here: send one record a line as application/x-ndjson']],
    ['{"records":[[]],"__proto__":', ['records[0] must be an object', 'body.__proto__ is not known here']]
  ] as [string, string[]][]) {
    const { body, read } = counted('[[],[],[]', 1000)
    const whole = (async function * () {
      yield Buffer.from(begin)
      yield * body
    })()
    const records = new SpooledRecords(memoryPlace())
    const error = await receiveJson(whole, records).catch((problem: unknown) => problem) as AppError
    t.same(error.options.errors?.map(({ path, message }) => `${path} ${message}`), faults)
    t.equal(read(), 0)
  }
})

t.test('lines that are sent as JSON are told as such, also when no line names a record', async (t) => {
  const { detail } = await refusal(t, receiveJson, '{"externalBillingId":"x"}\n{"externalBillingId":"x"}\n')
  t.match(detail, /something follows its end: send one record a line as application\/x-ndjson/)
})

t.test('an id that is not a string is a fault of its record', async (t) => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  for (const id of ['{"toString":1}', '{"toString":null,"valueOf":1}', deep, '["UR-1-1"]', '5', 'null', 'true']) {
    const record = `{"id":${id},"externalBillingId":"x"}`
    const inLines = await refusal(t, receiveNdjson, record)
    const inJson = await refusal(t, receiveJson, `{"records":[${record}]}`)
    t.same(inLines.errors, ['line 1.id is not the id of a usage record'], id.slice(0, 30))
    t.same(inJson.errors, ['records[0].id is not the id of a usage record'], id.slice(0, 30))
  }
})

t.test('other requests run while a body that has arrived is read', async (t) => {
  const endCount = countTurns()
  const body = Buffer.from(`${line(1)}\n`.repeat(150_000))
  const startedAt = performance.now()
  t.equal((await take(receiveNdjson, body)).records.length, 150_000)
  const ms = performance.now() - startedAt
  const turns = endCount()
  t.ok(turns >= 4, `${turns} turns in ${Math.round(ms)} ms`)
})

t.test('a field that comes twice is found in one pass over the text', async (t) => {
  const quotes = '\\"'.repeat(7000)
  const twice = `{"externalBillingNote":"${quotes}","id":"${ID}","externalBillingId":"x","externalBillingNote":null}`
  const startedAt = performance.now()
  const { errors } = await refusal(t, receiveNdjson, `${twice}\n`.repeat(50))
  t.equal(errors.join(), many(50, n => `line ${n + 1} has a field twice`))
  t.ok(performance.now() - startedAt < 3000, 'it was 0.2 s a line')
})

const BODIES = {
  members: ['{"records":[],"m0":', '[[],[],[],[],[],[],[],[]],"m":'],
  linesOfNothing: ['', 'x\n'],
  recordsWithoutId: ['{"records":[{}', ',{}'],
  recordsWithoutBilling: ['{"records":[', `{"id":"${ID}"},`],
  unknownNames: ['', `{${many(90, n => `"${String(n).padStart(150, 'n')}":1`)}}\n`],
  longNames: ['{"records":[', `{"id":"${ID}","${'n'.repeat(16_000)}":[]},`]
}

t.test('40 MiB of any content are accepted or refused within a heap of 32 MiB', async (t) => {
  for (const [name, [begin = '', repeated = '']] of Object.entries(BODIES)) {
    const code = await inSmallHeap(begin, repeated)
    t.ok(['VALIDATION_FAILED', 'MALFORMED_BODY'].includes(code), `${name}: ${code}`)
  }
})

/** Takes the body in in a process of its own; gives the code it is refused with. */
async function inSmallHeap (begin: string, repeated: string): Promise<string> {
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const script = `
    import { receiveJson, receiveNdjson } from ${url('../../src/closing/receive-records.js')}
    import { SpooledRecords } from ${url('../../src/closing/spooled-records.js')}
    const [begin, repeated] = JSON.parse(process.argv[1])
    const chunk = Buffer.from(repeated.repeat(Math.ceil(65536 / repeated.length)))
    const body = async function * () {
      yield Buffer.from(begin)
      for (let left = 40 * 2 ** 20; left > 0; left -= chunk.length) {
        // No name comes twice.
        const text = chunk.toString().replaceAll('"m"', () => '"m' + (left -= 1) + '"')
        yield Buffer.from(text)
      }
    }
    const place = { write: async () => {}, close: async () => {} }
    const receive = begin === '' ? receiveNdjson : receiveJson
    const received = receive(body(), new SpooledRecords(place))
    process.stdout.write(await received.then(() => 'taken', error => error.code ?? String(error)))`
  const args = ['--max-old-space-size=32', '--input-type=module', '-e', script, JSON.stringify([begin, repeated])]
  return await new Promise((resolve) => {
    execFile(...withoutTestHooks(process.execPath, args), (error, stdout) => {
      resolve(stdout === '' ? String(error?.message).slice(0, 300) : stdout)
    })
  })
}

t.test('a line that is too long is refused, in any chunks', async (t) => {
  for (const split of ['whole', { seed: 1, maxBytes: 5000 }, { seed: 2, maxBytes: 64 }] as Split[]) {
    const padded = (length: number): string => `${line(1)}${' '.repeat(length - line(1).length)}\n`
    t.equal((await take(receiveNdjson, line(0) + '\n' + padded(16_384), split)).records.length, 2)
    t.match(await refusal(t, receiveNdjson, line(0) + '\n' + padded(16_385), split), {
      code: 'MALFORMED_BODY',
      detail: 'Line 2 is too long.'
    })
    t.match(await refusal(t, receiveNdjson, `${line(0)}\n${'x'.repeat(400_000)}`, split), {
      code: 'MALFORMED_BODY',
      detail: 'Line 2 is too long.'
    })
  }
})

t.test('text that is not UTF-8 is refused, and a character that two chunks share is read', async (t) => {
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
  for (const bytes of [
    [0xff],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xed, 0xa0, 0x80],
    [0x80],
    [0xc0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80]
  ]) {
    for (const split of ['whole', 'bytes'] as Split[]) {
      t.match(
        await refusal(t, receiveNdjson, Buffer.concat([Buffer.from(`${line(1)}\n`), Buffer.from(bytes)]), split),
        { code: 'MALFORMED_BODY', detail: 'The body is not UTF-8.' }
      )
    }
  }
})

t.test('a body without a record is refused', async (t) => {
  for (const body of ['', '\n', ' \r\n\n', '\ufeff']) {
    t.same((await refusal(t, receiveNdjson, body)).errors, ['body has no record'], JSON.stringify(body))
  }
  t.same((await refusal(t, receiveJson, '{"records":[],"externalBillingId":"x"}')).errors, ['body has no record'])
})

t.test('defaults may come before and after the records, and a record may have its own values', async (t) => {
  const records = `"records":[{"id":"${ID}"},{"id":"${idOf(2)}","externalBillingId":"OWN","externalBillingNote":""}]`
  const billing = '"externalBillingId":"INV","externalBillingNote":"n"'
  for (const body of [`{${records},${billing}}`, `{${billing},${records}}`]) {
    for (const split of ['whole', 'bytes'] as Split[]) {
      t.same(await take(receiveJson, body, split), {
        records: [
          { id: ID, externalBillingId: null, externalBillingNote: null },
          { id: idOf(2), externalBillingId: 'OWN', externalBillingNote: '' }
        ],
        defaults: { externalBillingId: 'INV', externalBillingNote: 'n' }
      })
    }
  }
})

t.test('faults in the JSON form are named with their index', async (t) => {
  const faultsOf = async (body: string): Promise<string[]> => (await refusal(t, receiveJson, body)).errors
  t.same(await faultsOf(`{"records":[{"id":"${ID}","externalBillingId":"x"},{"id":"${idOf(2)}"}]}`), [
    'records[1].externalBillingId is required: there is no default'
  ])
  t.same(await faultsOf('{}'), ['body.records is required'])
  t.same(await faultsOf('{"records":null}'), ['body.records must be an array'])
  t.same(await faultsOf(`{"records":[{"id":"${ID}"}],"externalBillingId":null}`), [
    'body.externalBillingId must be a text of 1 to 255 characters'
  ])
  const unknown = `{"records":[{"id":"${ID}"}],"externalBillingId":"x","__proto__":1,"note":2}`
  t.same(await faultsOf(unknown), ['body.__proto__ is not known here'])
  t.same(await faultsOf(`{"records":[1,{"id":"${ID}"}],"externalBillingId":"x"}`), ['records[0] must be an object'])
  t.same(await faultsOf(`{"records":[{"id":"${ID}","id":"${ID}"}],"externalBillingId":"x"}`), [
    'records[0] has a field twice'
  ])
  const all = await refusal(
    t,
    receiveJson,
    JSON.stringify({ records: Array.from({ length: 150 }, (_, n) => ({ id: idOf(n) })) })
  )
  t.equal(all.errors.length, 100)
  t.equal((await refusal(t, receiveJson, '{"records":[}')).code, 'MALFORMED_BODY')
  t.equal((await refusal(t, receiveJson, '{"records":[],"records":[]}')).code, 'MALFORMED_BODY')
})

t.test('the billing of a whole file is one small object', async (t) => {
  const billing = async (text: string): Promise<Defaults> => await receiveBilling(bodyOf(Buffer.from(text), 'bytes'))
  t.same(await billing(' {"externalBillingId":"INV","externalBillingNote":"n"} '), {
    externalBillingId: 'INV',
    externalBillingNote: 'n'
  })
  t.same(await billing('{"externalBillingId":"INV"}'), { externalBillingId: 'INV', externalBillingNote: null })
  for (const [text, code] of [
    ['', 'MALFORMED_BODY'],
    ['{', 'MALFORMED_BODY'],
    ['[]', 'VALIDATION_FAILED'],
    ['null', 'VALIDATION_FAILED'],
    ['{}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":""}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":"a","id":"b"}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":"a","externalBillingId":"b"}', 'VALIDATION_FAILED']
  ] as const) {
    await t.rejects(billing(text), { code }, text)
  }
})

t.test('a billing id needs a visible character', async (t) => {
  for (const unseen of ['\u200b', '\u200d\u2060', '\u00ad', '\u2800', '\u3164', '\u202e', '\u0080', '\ufeff']) {
    const fault = 'must be a text of 1 to 255 characters'
    const name = JSON.stringify(unseen)
    t.same(
      (await refusal(t, receiveNdjson, line(1, { externalBillingId: unseen }))).errors,
      [`line 1.externalBillingId ${fault}`],
      name
    )
    await t.rejects(receiveBilling(bodyOf(Buffer.from(JSON.stringify({ externalBillingId: unseen })), 'whole')), {
      code: 'VALIDATION_FAILED'
    })
  }
  for (const seen of ['INV\u200b-1', '\u200fא-1', '❤\ufe0f']) {
    const [record] = (await take(receiveNdjson, line(1, { externalBillingId: seen }))).records
    t.equal(record?.externalBillingId, seen)
  }
})

t.test('a billing id must not begin or end with white space', async (t) => {
  for (const padded of [' INV-1', 'INV-1 ', 'INV-1\n', '\u00a0INV-1', 'INV-1\u0085']) {
    const message = 'must not begin or end with white space'
    t.same(
      (await refusal(t, receiveNdjson, line(1, { externalBillingId: padded }))).errors,
      [`line 1.externalBillingId ${message}`],
      JSON.stringify(padded)
    )
    t.same(
      (await refusal(t, receiveJson, JSON.stringify({ records: [{ id: ID }], externalBillingId: padded }))).errors,
      [`body.externalBillingId ${message}`]
    )
    await t.rejects(receiveBilling(bodyOf(Buffer.from(JSON.stringify({ externalBillingId: padded })), 'whole')), {
      code: 'VALIDATION_FAILED'
    })
  }
})

t.test('a bulk close accepts the ids that the close of one record accepts', async (t) => {
  const { app } = await makeApp(t, { connect: fakeConnect({}).connect })
  for (const [id, isRecord] of [
    ['UR-2021-01-2023-8696-9408-6767', true],
    ['UR-2021-1', true],
    ['UR-552-340-461', false],
    ['UR-2021', false],
    ['UR-20211-01-2023', false],
    ['UF-2026-11-0000-0001', false]
  ] as const) {
    // The billing id is missing, so that nothing is sent.
    const { errors } = await refusal(t, receiveJson, `{"records":[{"id":"${id}"}]}`)
    t.equal(errors.includes('records[0].id is not the id of a usage record'), !isRecord, id)
    const url = `/v1/usage-records/${id}/close`
    const one = await app.inject({ method: 'POST', url, headers: asProvider, payload: {} })
    t.equal(/path\.recordId/.test(one.payload), !isRecord, `${id} alone`)
  }
})
