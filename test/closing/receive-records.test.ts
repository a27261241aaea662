import t from 'tap'
import { receiveBilling, receiveJson, receiveNdjson } from '../../src/closing/receive-records.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import type { Split } from '../uploads/wire.ts'
import { idOf, memoryPlace } from './fixture.ts'
import { bodyOf, ID, line, refusal, take } from './receive-fixture.ts'

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
