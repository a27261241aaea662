import t from 'tap'
import { createDecimalQuoter, createLosslessReader } from '../../src/connect/lossless-json.ts'
import { context, startClient, startUpstream } from './upstream.ts'

const read = createLosslessReader(['amount', 'usage'])
const quoted = createDecimalQuoter(['amount', 'usage'])

t.test('chosen members keep their digits', (t) => {
  for (const literal of [
    '45.0000', '9007199254740993.12345678', '0.0', '-0.0', '0', '-1', '10000000000000000', '1234567890123.45678', '0.10'
  ]) {
    t.same(read(`{"amount":${literal},"usage" :\n\t${literal} }`), { amount: literal, usage: literal }, literal)
  }
  t.same(
    read('[{"usage":1.50,"tier":1,"multiplier":10},{"usage":null,"amount":"4.0000"}]'),
    [{ usage: '1.50', tier: 1, multiplier: 10 }, { usage: null, amount: '4.0000' }]
  )
  t.same(read('{"a":{"b":[{"amount":1.0}]}}'), { a: { b: [{ amount: '1.0' }] } })
  t.end()
})

t.test('exponents stay as they are, and a literal that is not a decimal stays a number', (t) => {
  for (const literal of ['1e3', '1E+3', '-1.5e2', '1.5e-7', '0.0e2', '1e400', '1e999999999', `0.${'1'.repeat(9999)}`]) {
    t.same(read(`{"amount":${literal}}`), { amount: literal }, literal.slice(0, 12))
  }
  t.same(read(`{"amount":${'9'.repeat(20_000)}}`), { amount: Infinity }, 'no decimal column has so many digits')
  t.end()
})

t.test('an id that is a number keeps its digits in every member', (t) => {
  const big = '9007199254740993'
  for (const name of [
    'id', 'uid', 'mpn', 'external_id', 'external_uid', 'local_id', 'item_id', 'asset_external_uid',
    'external_billing_id', 'usage_record_id', 'recon_id', '\\u0069d', 'external\\u005fid'
  ]) {
    const plain = JSON.parse(`"${name}"`) as string
    t.same(read(`{"${name}" : ${big},"n":1}`), { [plain]: big, n: 1 }, name)
    t.same(read(`[{"a":{"${name}":-12345678901234567890}}]`), [{ a: { [plain]: '-12345678901234567890' } }], name)
  }
  t.same(read('{"valid":1,"paid":2,"id_count":3,"ids":[4],"id":null,"note":"\\"id\\":5"}'), {
    valid: 1, paid: 2, id_count: 3, ids: [4], id: null, note: '"id":5'
  }, 'no other member')
  t.end()
})

t.test('text inside a string is not read as a member', (t) => {
  const texts = [
    '"amount":5', '"amount": 5,', ',"amount":5}', '\\"amount\\":5', '\\', '\\\\"amount":1', 'x"amount', '"', '\\"',
    '{"usage":1.0}', '","usage":2.0,"x":"', '\n"amount"\n:\n3', '\u2028"amount":7', 'amount":1', '":1,"amount":2'
  ]
  for (const text of texts) {
    for (const value of [
      { note: text, amount: '5', usage: null, after: text },
      { [text]: 1, note: text },
      [{ params: [{ parameter_name: text, parameter_value: text }], note: `${text}${text}` }],
      { amount: text },
      text
    ]) {
      // Texts are compared, not parsed values: JSON.parse of Node 24 may misread escaped names by itself
      // (https://github.com/nodejs/node/issues/63785).
      for (const json of [JSON.stringify(value), JSON.stringify(value, null, 2)]) t.equal(quoted(json), json)
    }
  }
  t.equal(quoted('{"x\\"amount":5}'), '{"x\\"amount":5}', 'a name that only ends like one is another name')
  t.same(read('{"x\\\\":1,"amount":5.0}'), { 'x\\': 1, amount: '5.0' }, 'an escaped backslash ends before the quote')
  t.same(read('{"total_amount":5.0,"amount2":6.0}'), { total_amount: 5, amount2: 6 })
  t.end()
})

t.test('random documents change only in the chosen members', (t) => {
  let seed = 20261120
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % below
  }
  const pieces = [
    '"', '\\', 'amount', 'usage', ':', ',', '{', '}', '[', ']', ' ', '1.50', '0', 'e', '\n', 'é', '\u0007', '\\u0061'
  ]
  const text = (): string => Array.from({ length: random(8) }, () => pieces[random(pieces.length)]).join('')
  const build = (depth: number): unknown => {
    switch (depth > 3 ? random(3) : random(5)) {
      case 0: return text()
      case 1: return random(1000) / 8
      case 2: return null
      case 3: return Array.from({ length: random(4) }, () => build(depth + 1))
      default: return Object.fromEntries(Array.from({ length: random(4) }, () => [
        random(3) === 0 ? 'amount' : `k${text()}`, build(depth + 1)
      ]))
    }
  }
  const expected = (value: unknown, name = ''): unknown => {
    if (Array.isArray(value)) return value.map((one) => expected(one))
    if (typeof value === 'number' && name === 'amount') return String(value)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expected(one, key)]))
  }
  let different = 0
  let decimals = 0
  for (let i = 0; i < 20_000; i += 1) {
    const value = build(0)
    const text = JSON.stringify(value)
    const changed = JSON.stringify(expected(value))
    if (changed !== text) decimals += 1
    if (quoted(text) !== changed) different += 1
  }
  t.equal(different, 0)
  t.ok(decimals > 500, `${decimals} of them had decimals`)
  t.end()
})

t.test('text that is not JSON stays invalid', (t) => {
  for (const text of [
    '', '{', '{"amount":01}', '{"amount":1.}', '{"amount":1.2.3}', '{"amount":1-2}', '{"amount":1e}',
    '{"amount":-}', '{"\\U0061mount":1}', '{"amount":5 6}', '{"amount":.5}',
    '{"a":"b"amount":5}', '{"a":"x,"amount":5,"c":"d}', '{"amount":5', '["amount":5]', '{\\"amount":5}', '"amount":5'
  ]) {
    t.throws(() => JSON.parse(text), SyntaxError)
    t.throws(() => read(text), SyntaxError, text)
  }
  t.end()
})

t.test('a name with escaped letters is the same name', (t) => {
  t.same(read('{"\\u0061mount":1.50,"am\\u006Fu\\u006et":2.50}'), { amount: '2.50' })
  t.same(read('{"n":"\\u0061 \\"amount\\":5 \\\\u0061mount","usage":3.0}'), {
    n: 'a "amount":5 \\u0061mount', usage: '3.0'
  })
  t.same(read('{"\\u0022amount\\u005b":1.50,"\\u005c":"\\u005c"}'), { '"amount[': 1.5, '\\': '\\' })
  // A backslash and the letters u0061: it says nothing of the letter a.
  t.same(read('{"n\\\\u0061mount":1.50}'), Object.fromEntries([['n\\u0061mount', 1.5]]))
  t.end()
})

t.test('the time for a hostile text grows only with its length', (t) => {
  const texts = {
    'escaped quotes in a string without an end': `"\\u0041${'\\"'.repeat(150_000)}`,
    'strings without an end': `"\\u0041${'"a'.repeat(150_000)}`,
    'spaces after a name': `{"amount"${' '.repeat(300_000)}`,
    'names and spaces': `"amount" ${'"amount"   '.repeat(30_000)}`,
    'one member again and again': `{"a":1${',"amount":1e400'.repeat(20_000)}}`,
    'digits without an end': `{"amount":${'1'.repeat(300_000)}x}`
  }
  for (const [name, text] of Object.entries(texts)) {
    const before = process.cpuUsage()
    try { read(text) } catch {}
    const { user } = process.cpuUsage(before)
    t.ok(user < 200_000, `${name}: ${user} µs`)
  }
  t.end()
})

t.test('records and aggregates keep their digits through the client', async (t) => {
  const body = '[{"id":"UR-1","amount":9007199254740993.12345678,"usage":45.0000,"consumed":1.0,"accepted":2e1,' +
    '"stats":{"accepted":3}}]'
  const upstream = await startUpstream(t, ({ json, path }) => {
    json(200, /UR-1/.test(path) ? body.slice(1, -1) : body)
  })
  const client = startClient(t, upstream.baseUrl)
  const record = { amount: '9007199254740993.12345678', usage: '45.0000' }
  t.match((await client.usageRecords.list({}, context())).items[0], record)
  t.match(await client.usageRecords.get('UR-1', context()), record)
  t.match(await client.usageRecords.update('UR-1', { status: 'approved' }, context()), record)
  t.match(await client.usageRecords.close('UR-1', { external_billing_id: 'B' }, context()), record)
  const aggregate = { amount: '9007199254740993.12345678', consumed: '1.0', accepted: '2e1' }
  t.match((await client.aggregates.list({}, context())).items[0], aggregate)
  t.match((await client.aggregates.listForAsset('AS-1', {}, context())).items[0], aggregate)
  t.match((await client.usageFiles.list({}, context())).items[0], { stats: { accepted: 3 } })
})

t.test('every operation keeps the digits of an id that is a number', async (t) => {
  const big = '9007199254740993'
  const body = `{"id":${big},"external_id":${big},"hub":{"id":${big}},"item":{"mpn":${big}},` +
    `"asset":{"external_uid":${big}}}`
  const upstream = await startUpstream(t, ({ json, path, method }) => {
    json(200, method !== 'GET' && !/close-records/.test(path) ? body : new RegExp(big).test(path) ? body : `[${body}]`)
  })
  const client = startClient(t, upstream.baseUrl)
  const shown = { id: big, external_id: big, hub: { id: big }, item: { mpn: big }, asset: { external_uid: big } }
  const ctx = context()
  for (const kind of ['usageFiles', 'usageRecords', 'usageChunks', 'reconciliations', 'aggregates'] as const) {
    t.match((await client[kind].list({}, ctx)).items[0], shown, kind)
  }
  t.match((await client.rules.list('PRD-1', {}, ctx)).items[0], shown, 'rules')
  t.match((await client.usageFiles.categories('UF-1', {}, ctx)).items[0], shown, 'categories')
  for (const kind of ['usageFiles', 'usageRecords', 'usageChunks', 'reconciliations'] as const) {
    t.match(await client[kind].get(big, ctx), shown, `${kind}: one`)
  }
  t.match(await client.usageFiles.create({} as never, ctx), shown, 'a write')
  t.match((await client.usageRecords.bulkClose([], ctx))?.[0], shown, 'a bulk close')
})
