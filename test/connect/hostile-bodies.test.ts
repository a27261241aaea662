import t from 'tap'
import { createLosslessReader } from '../../src/connect/lossless-json.ts'
import { context, failure, jsonAnswer, startClient, startUpstream } from './upstream.ts'

const MIB = 1024 * 1024
const many = (part: string): string => part.repeat(Math.floor(15.9 * MIB / part.length))

const bad = (reason: string): object => ({ kind: 'bad-payload', reason, sent: 'yes' })

/** Answers of nearly 16 MiB, each with why the client refuses it. */
const HOSTILE: Readonly<Record<string, { body: string, reason: string }>> = {
  'lists in lists without an end': { body: many('['), reason: 'too-deep' },
  'objects in objects without an end': { body: many('{"a":'), reason: 'too-deep' },
  'millions of rows': { body: `[${many('{},')}{}]`, reason: 'too-many' },
  'millions of members': { body: `{"id":"UR-1"${many(',"a":1')}}`, reason: 'too-many' },
  'one member, millions of times': { body: `{"id":"UR-1"${many(',"amount":1e400')}}`, reason: 'too-many' },
  'millions of parameters': { body: `{"id":"UR-1","params":[${many('{},')}{}]}`, reason: 'too-many' },
  'lists of 9,000 values': { body: `[${many(`[${'{},'.repeat(9_000)}{}],`)}[]]`, reason: 'too-many' },
  'objects in lists of one': { body: `[${many('[{}],')}[]]`, reason: 'too-many' },
  'a string of escaped quotes without an end': { body: `"\\u0041${many('\\"')}`, reason: 'json' },
  'strings without commas': { body: many('"\\u0061mount'), reason: 'json' },
  'white space': { body: many(' '), reason: 'json' },
  'a long number': { body: many('9'), reason: 'shape' }
}

// 100 ms for each MiB are allowed, and include what the server of this test needs. Most take a tenth. Every third
// answer is also sent with the status 500.
t.test('no answer of 16 MiB blocks the event loop for long', async (t) => {
  let status = 200
  let answer = Buffer.alloc(0)
  const upstream = await startUpstream(t, ({ socket }) => { socket.write(answer) })
  const client = startClient(t, upstream.baseUrl, { limits: { maxRetries: 0 } })
  for (const [at, [name, { body, reason }]] of Object.entries(HOSTILE).entries()) {
    for (status of at % 3 === 0 ? [200, 500] : [200]) {
      answer = Buffer.from(jsonAnswer(status, body))
      const before = process.cpuUsage()
      const error = await failure(client.usageRecords.get('UR-1', context()))
      const { user } = process.cpuUsage(before)
      t.match(error, status === 500 ? { kind: 'response', errorCode: null } : bad(reason), `${name}, ${status}`)
      t.ok(user < 1_600_000, `${name}, ${status}: ${user} µs`)
    }
  }
})

t.test('the largest real answers are far below the bounds', async (t) => {
  const params = Array.from({ length: 100 }, (_, n) => ({ parameter_name: `v.${n}`, parameter_value: '[{",\\' }))
  const page = Array.from({ length: 1000 }, (_, n) => ({ id: `UR-${n}`, params }))
  const upstream = await startUpstream(t, ({ json }) => json(200, page, { 'content-range': 'items 0-999/1000' }))
  const client = startClient(t, upstream.baseUrl)
  const { items } = await client.usageRecords.list({ limit: 1000 }, context())
  t.same(items, createLosslessReader(['amount'])(JSON.stringify(page)), 'a page of 1,000 records of 100 own columns')
})

t.test('a text with half of a character, and bytes that are not UTF-8, are refused', async (t) => {
  let body: string | Buffer = ''
  const upstream = await startUpstream(t, ({ socket }) => {
    const head = jsonAnswer(200, '').replace(/content-length: *0/i, `content-length: ${Buffer.byteLength(body)}`)
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from(body)]))
  })
  const client = startClient(t, upstream.baseUrl)
  const read = async (note: string | Buffer): Promise<unknown> => {
    body = Buffer.concat([Buffer.from('{"id":"UF-1","note":"'), Buffer.from(note), Buffer.from('"}')])
    const error = await failure(client.usageFiles.get('UF-1', context())).catch(() => null)
    return error ?? (await client.usageFiles.get('UF-1', context())).note
  }
  for (const note of ['\\ud800', '\\udc00 x', '\\ud83d\\ud83d\\ude00', '\\\\\\uD800', Buffer.from([0xff])]) {
    t.match(await read(note), bad('json'), String(note))
  }
  const whole = await read('\\ud83d\\uDE00 \\\\ud800 😀')
  t.equal(whole, '😀 \\ud800 😀', 'a whole pair, and a text that looks like half of one')
})

t.test('a refusal of Connect with half of a character in its text stays a refusal', async (t) => {
  const upstream = await startUpstream(t, ({ socket }) => {
    socket.write(jsonAnswer(400, '{"error_code":"VAL_001","errors":["Not \\ud800 valid."]}'))
  })
  const error = await failure(startClient(t, upstream.baseUrl).usageFiles.submit('UF-1', context()))
  t.match(error, { kind: 'response', status: 400, errorCode: 'VAL_001', hasEnvelope: true })
})

t.test('exactly 10,000 elements are read, and no more', async (t) => {
  let count = 0
  const upstream = await startUpstream(t, ({ json }) => json(200, { id: 'UF-1', list: Array(count).fill(0), a: [] }))
  const client = startClient(t, upstream.baseUrl)
  count = 10_000
  t.match(await client.usageFiles.get('UF-1', context()), { list: { length: 10_000 } })
  count = 10_001
  t.match(await failure(client.usageFiles.get('UF-1', context())), bad('too-many'))
})

const NO_IDENTIFIERS = [
  'UF-1\r\nSet-Cookie: a=b', '<b>x</b>', '../../x', 'UF 1', 'UF-\u4e2d', 'x'.repeat(101), 'UF-1?a', ' UF-1',
  -1
]

t.test('an object of Connect has a valid identifier or none', async (t) => {
  let id: unknown
  const upstream = await startUpstream(t, ({ method, path, json }) => {
    const isObject = (method !== 'GET' && !path.endsWith('close-records')) || /\/UF-1$/.test(path)
    const object = { id, name: 'n', usagefile: { id: 'UF-1' } }
    json(200, isObject ? object : [{ id: 'UF-0', usagefile: { id: 'UF-1' } }, object])
  })
  const client = startClient(t, upstream.baseUrl)
  const { usageFiles, usageRecords, usageChunks, reconciliations, rules, catalogue } = client
  const file = { name: 'n', product: { id: 'PRD-1' }, contract: { id: 'CRD-1' }, period: { from: '', to: '' } }
  for (id of NO_IDENTIFIERS) {
    const calls = {
      list: () => usageFiles.list({}, context()),
      get: () => usageFiles.get('UF-1', context()),
      create: () => usageFiles.create(file, context()),
      submit: () => usageFiles.submit('UF-1', context()),
      records: () => usageRecords.list({}, context()),
      bulkClose: () => usageRecords.bulkClose([{ id: 'UR-1' }], context()),
      chunks: () => usageChunks.list({ filter: { 'usagefile.id': 'UF-1' } }, context()),
      reconciliations: () => reconciliations.list({}, context()),
      rules: () => rules.list('PRD-1', {}, context()),
      products: () => catalogue.products({}, context()),
      items: () => catalogue.items('PRD-1', {}, context()),
      assets: () => catalogue.assets({}, context()),
      listings: () => catalogue.listings({}, context())
    }
    for (const [name, call] of Object.entries(calls)) {
      t.match(await failure(call()), bad('shape'), `${name}: ${JSON.stringify(id).slice(0, 30)}`)
    }
    t.match(await usageFiles.categories('UF-1', {}, context()), { items: [{}, { id }] }, 'vendors choose these ids')
  }
  for (id of [undefined, null, '']) {
    t.equal((await usageFiles.list({}, context())).items.length, 2)
    t.match(await usageFiles.create(file, context()), { name: 'n' })
  }
})

t.test('a byte order mark before the JSON of Connect is no part of the text', async (t) => {
  const upstream = await startUpstream(t, ({ path, json }) => {
    json(200, path.endsWith('UF-1') ? '\ufeff{"id":"UF-1","name":"Größe"}' : '\ufeff[{"id":"UR-1","amount":1.10}]')
  })
  const { usageFiles, usageRecords } = startClient(t, upstream.baseUrl)
  t.match(await usageFiles.get('UF-1', context()), { id: 'UF-1', name: 'Größe' })
  t.match(await usageRecords.list({}, context()), { items: [{ id: 'UR-1', amount: '1.10' }] })
})
