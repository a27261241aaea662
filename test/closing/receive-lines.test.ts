import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { receiveBilling, receiveJson, receiveNdjson } from '../../src/closing/receive-records.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import type { Split } from '../uploads/wire.ts'
import { idOf, memoryPlace } from './fixture.ts'
import { bodyOf, ID, line, many, refusal, take } from './receive-fixture.ts'

const UNSTORABLE = 'cannot hold control characters other than tab and line breaks, or half a character'

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
