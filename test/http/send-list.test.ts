import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { asVendor, startApp, startBoth, startUpstream, until, type StartedApp, type Teardown } from '../helper.ts'

const LISTS: Readonly<Record<string, string>> = {
  '/v1/usage-files': 'id,name,',
  // More than one page of Connect.
  '/v1/usage-records?status=rejected': 'id,fileId,',
  '/v1/usage-chunks': 'id,fileId,',
  '/v1/reconciliations': 'id,fileId,',
  '/v1/usage-aggregates': 'asset.id,',
  '/v1/products/PRD-276-377-545/usage-rules': 'id,itemId,',
  '/v1/usage-files/UF-2026-09-1512-0016/categories': 'id,name,description'
}

type Rows = Record<string, string>[]

t.test('every list as CSV and as NDJSON holds what its pages hold', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  for (const [path, header] of Object.entries(LISTS)) {
    const asked = `${path}${path.includes('?') ? '&' : '?'}`
    const answer = await fetch(`${origin}${path}`, { headers: { ...asVendor, accept: 'text/csv' } })
    t.match(answer.headers.get('content-type'), 'text/csv; charset=utf-8', path)
    t.match(answer.headers.get('content-disposition'), /^attachment; filename="[\w-]+\.csv"$/)
    t.match(answer.headers.get('vary'), 'Accept')
    const csv = await answer.text()
    t.ok(csv.startsWith(header), `${path}: ${csv.slice(0, 80)}`)
    const rows = parse<Record<string, string>>(csv, { columns: true })
    const lines = await ndjsonOf(origin, `${asked}format=ndjson`)
    const items: object[] = []
    for (let total = 1; items.length < total;) {
      const page = await fetch(`${origin}${asked}limit=500&offset=${items.length}`, { headers: asVendor })
      const json = await page.json() as { items: object[], total: number }
      total = json.total
      items.push(...json.items)
    }
    t.same(lines.pop(), { summary: { rows: items.length } }, `${path}: the summary`)
    t.equal(lines.length, items.length, `${path}: NDJSON`)
    const wrong = lines.findIndex((line, at) => !isDeepStrictEqual(line, items[at]))
    t.equal(wrong, -1, `${path}: NDJSON, ${JSON.stringify([lines[wrong], items[wrong]])}`)
    t.equal(rows.length, items.length, `${path}: CSV`)
    t.same(Object.keys(rows[0] ?? {}).filter(name => !(name in flat(items[0] ?? {}))), [], `${path}: columns`)
    t.same(rows.slice(0, 20), items.slice(0, 20).map(item => flat(item)), `${path}: cells`)
  }
})

/** What the CSV has to say of an item, written down by another hand. */
function flat (item: object, before = ''): Record<string, string> {
  return Object.assign({}, ...Object.entries(item).map(([name, value]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return flat(value, `${before}${name}.`)
    // The closer of a record is a text, of a chunk an object.
    const nested = name === 'closedBy' && 'quantity' in item ? undefined : NESTED[name]
    if (value === null && nested !== undefined) return flat(nested, `${before}${name}.`)
    return { [before + name]: value === null ? '' : Array.isArray(value) ? JSON.stringify(value) : String(value) }
  })) as Record<string, string>
}

const PAIR = { id: null, name: null }
const NESTED: Readonly<Record<string, object>> = {
  records: { valid: null, invalid: null, closed: null, openRecords: null },
  files: { uploaded: null, processed: null, reconciliation: null },
  category: PAIR,
  closedBy: PAIR,
  hub: PAIR
}

t.test('filters and sorting hold; paging and the wrong parameters are refused', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const csv = await textOf(origin, '/v1/usage-files?format=csv&status=closed&sort=id')
  const rows = parse<Record<string, string>>(csv, { columns: true })
  t.ok(rows.length > 1 && rows.every(({ status }) => status === 'closed'))
  t.same(rows.map(({ id }) => id), rows.map(({ id }) => id).sort())
  for (const [query, path] of [
    ['format=csv&limit=5', 'query.limit'], ['format=ndjson&offset=5', 'query.offset'],
    ['format=ndjson&bom=true', 'query.bom'], ['escape=false', 'query.escape'], ['format=xml', 'query.format']
  ] as const) {
    const answer = await fetch(`${origin}/v1/usage-files?${query}`, { headers: asVendor })
    t.equal(answer.status, 400, query)
    t.match(await answer.json(), { code: 'VALIDATION_FAILED', errors: [{ path }] }, query)
  }
  const head = await fetch(`${origin}/v1/usage-files?format=csv`, { method: 'HEAD', headers: asVendor })
  t.equal(head.status, 200)
  t.match(head.headers.get('content-type'), 'text/csv')
})

t.test('texts that a spreadsheet takes for formulas are escaped, numbers never', async (t) => {
  const { origin } = await records(t, ({ offset }) => ({
    total: 1, rows: offset > 0 ? [] : [{ id: 'UR-1', usagefile: { id: 'UF-1', name: '=1+1' }, amount: -5.25 }]
  }))
  const row = async (query: string): Promise<unknown> =>
    parse<Record<string, string>>(await textOf(origin, `/v1/usage-records?format=csv${query}`), { columns: true })[0]
  t.match(await row(''), { fileName: "'=1+1", amount: '-5.25' })
  t.match(await row('&escape=false'), { fileName: '=1+1', amount: '-5.25' })
  const withBom = await fetch(`${origin}/v1/usage-records?format=csv&bom=true`, { headers: asVendor })
  t.same([...new Uint8Array(await withBom.arrayBuffer()).subarray(0, 3)], [0xef, 0xbb, 0xbf])
})

t.test('a list of many pages arrives as it is read, and an id once', async (t) => {
  const held: (() => void)[] = []
  const { origin, offsets } = await records(t, async ({ offset }) => {
    if (offset > 0) await new Promise<void>(resolve => { held.push(resolve) })
    return { total: 2500, rows: idsFrom(offset, Math.min(1000, 2500 - offset)) }
  })
  const answer = await open(origin, '/v1/usage-records?format=csv')
  const [first] = await once(answer)
  t.ok(first.length > 0, 'the first page has come while the second is not there yet')
  t.same(held.length <= 1, true)
  const rest = collect(answer)
  for (let pages = 0; pages < 2; pages += 1) {
    await until(() => held.length > 0, 'the next page')
    held.pop()?.()
  }
  const rows: Rows = parse(Buffer.concat([first, await rest]), { columns: true })
  t.same(rows.map(({ id }) => id), idsFrom(0, 2500).map(({ id }) => id))
  t.same(offsets, [0, 1000, 2000])
})

t.test('a list that is not as long as Connect counts never looks whole', async (t) => {
  const cases: Record<string, (offset: number) => { total: number, rows: object[] }> = {
    'a row twice': offset => ({ total: 1500, rows: idsFrom(offset === 0 ? 0 : 999, offset === 0 ? 1000 : 500) }),
    'fewer than counted': offset => ({ total: 1500, rows: offset === 0 ? idsFrom(0, 1000) : [] }),
    'a list that shrinks': offset => offset === 0
      ? { total: 1500, rows: idsFrom(0, 1000) }
      : { total: 1499, rows: idsFrom(1001, 499) }
  }
  for (const [name, list] of Object.entries(cases)) {
    for (const format of ['csv', 'ndjson']) {
      const { origin } = await records(t, ({ offset }) => list(offset))
      const answer = await open(origin, `/v1/usage-records?format=${format}`)
      t.equal(answer.statusCode, 200)
      const text = await collect(answer).then(String, (error: unknown) => error)
      t.match(text, { code: 'ECONNRESET' }, `${name}, ${format}: the connection is closed`)
    }
  }
})

t.test('an error before the first byte is a problem', async (t) => {
  const { origin } = await records(t, () => null)
  const answer = await fetch(`${origin}/v1/usage-records?format=csv`, { headers: asVendor })
  t.equal(answer.status, 502)
  t.match(answer.headers.get('content-type'), 'application/problem+json')
  t.match(await answer.json(), { code: 'UPSTREAM_FAILED' })
})

t.test('a caller that leaves ends the reading, and gives its slot back', async (t) => {
  let calls = 0
  const { origin } = await records(t, ({ offset }) => {
    calls += 1
    return { total: 1_000_000, rows: idsFrom(offset, 1000) }
  })
  // More often than a caller may read whole lists at once.
  for (let times = 0; times < 12; times += 1) {
    await until(async () => {
      const answer = await open(origin, '/v1/usage-records?format=ndjson')
      if (answer.statusCode === 200) await once(answer)
      answer.destroy()
      return answer.statusCode === 200
    }, 'a slot')
  }
  t.ok(calls < 500, `${calls} calls`)
})

interface Asked { limit: number, offset: number }
type Listing = { total: number, rows: object[] } | null

/** The service in front of a Connect that lists records as told; null is a 500. */
async function records (
  t: Teardown, list: (asked: Asked) => Listing | Promise<Listing>
): Promise<StartedApp & { offsets: number[] }> {
  const offsets: number[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const [, limit, offset] = /limit=(\d+)&offset=(\d+)/.exec(request.url ?? '') ?? []
    offsets.push(Number(offset))
    void Promise.resolve(list({ limit: Number(limit), offset: Number(offset) })).then(listing => {
      if (listing === null) {
        response.writeHead(500).end()
        return
      }
      const last = Number(offset) + Math.max(0, listing.rows.length - 1)
      response.setHeader('content-range', `items ${offset}-${last}/${listing.total}`)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(listing.rows))
    })
  })
  return { ...await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } }), offsets }
}

function idsFrom (from: number, count: number): { id: string }[] {
  return Array.from({ length: count }, (_, n) => ({ id: `UR-${from + n}` }))
}

async function textOf (origin: string, path: string): Promise<string> {
  const answer = await fetch(origin + path, { headers: asVendor })
  if (!answer.ok) throw new Error(await answer.text())
  return await answer.text()
}

async function ndjsonOf (origin: string, path: string): Promise<unknown[]> {
  return (await textOf(origin, path)).trimEnd().split('\n').map(line => JSON.parse(line) as unknown)
}

async function open (origin: string, path: string): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    httpRequest(origin + path, { headers: asVendor, agent: false }, resolve).on('error', reject).end()
  })
}

async function once (answer: IncomingMessage): Promise<[Buffer]> {
  return await new Promise((resolve, reject) => {
    answer.once('error', reject)
    answer.once('data', (piece: Buffer) => {
      answer.pause()
      resolve([piece])
    })
  })
}

async function collect (answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of answer) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
