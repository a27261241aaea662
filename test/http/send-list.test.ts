import { isDeepStrictEqual } from 'node:util'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { asVendor, startBoth, until } from '../helper.ts'
import { idsFrom, once, open, records } from './send-list-fixture.ts'

const LISTS: Readonly<Record<string, string>> = {
  '/v1/usage-files': 'id,name,',
  // More than one page of Connect.
  '/v1/usage-records?status=rejected': 'id,fileId,',
  '/v1/usage-chunks': 'id,fileId,',
  '/v1/reconciliations': 'id,fileId,',
  '/v1/usage-aggregates': 'asset.id,',
  '/v1/products': 'id,name,',
  '/v1/products/PRD-276-377-545/items': 'id,localId,',
  // More than one page of Connect.
  '/v1/assets?productId=PRD-760-570-680': 'id,externalId,',
  '/v1/usage-contracts': 'contract.id,contract.name,product.id,',
  '/v1/usage-coverage?from=2026-09-01&to=2026-10-31': 'product.id,product.name,',
  '/v1/products/PRD-276-377-545/usage-rules': 'id,itemId,',
  '/v1/usage-files/UF-2026-09-1512-0016/categories': 'id,name,description'
}

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
  usage: { schema: null, dynamic: null, requiredCustomFields: null },
  lastReport: { fileId: null, status: null, period: { from: null, to: null } },
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

async function textOf (origin: string, path: string): Promise<string> {
  const answer = await fetch(origin + path, { headers: asVendor })
  if (!answer.ok) throw new Error(await answer.text())
  return await answer.text()
}

async function ndjsonOf (origin: string, path: string): Promise<unknown[]> {
  return (await textOf(origin, path)).trimEnd().split('\n').map(line => JSON.parse(line) as unknown)
}
