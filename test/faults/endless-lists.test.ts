import t from 'tap'
import { PROVIDER_KEY, VENDOR_KEY } from '../helper.ts'
import { FILE_ID, startFixture, type OnUpload } from '../uploads/fixture.ts'

const CHUNK = 'UFC-2026-11-0000-0001-001'
const PRODUCT = 'PRD-700-100-200'
const ITEM = `${PRODUCT}-0001`

const row = (n: number): object => ({
  id: `UR-2026-11-0000-0000-0000-${String(n).padStart(4, '0')}`, status: 'approved', external_id: 'E-1',
  usagefile: { id: FILE_ID }, item: { id: ITEM }, product: { id: PRODUCT }
})
const page = (from: number, count: number): object[] => Array.from({ length: count }, (_, n) => row(from + n))
const LIST = /^[^?]*\/(?:files|chunks|records|reconciliations|categories|rules)(?:$|\?)/

/** Lists that have no end, and the most calls that one may cost. */
const LISTS: Readonly<Record<string, readonly [rows: (calls: number) => object[], total: number, maxCalls: number]>> = {
  'repeats its page': [() => page(0, 100), 5000, 2],
  'has always more rows than it counts': [calls => page(calls * 100, 100), 200, 14],
  'counts rows that it does not list': [() => [], 50, 1]
}

const CREATE = {
  name: 'N', productId: PRODUCT, contractId: 'CRD-00000-00000-00000', externalId: 'E-1',
  period: { from: '2026-10-01', to: '2026-10-31' }
}

for (const [name, [rows, total, maxCalls]] of Object.entries(LISTS)) {
  t.test(`a list that ${name}`, async (t) => {
    const fixture = await startFixture(t)
    let calls = 0
    const list: OnUpload = ({ json }) => {
      const items = rows(calls)
      calls += 1
      // One more than has been listed: its end is never there.
      json(200, items, { 'content-range': `items 0-0/${Math.max(total, calls * 100 + 100)}` })
    }
    fixture.onGet((exchange) => {
      if (LIST.test(exchange.path)) list(exchange)
      else exchange.json(200, { ...fixture.file, id: exchange.path.split('/').at(-1) })
    })
    const ask = async (key: string, method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      calls = 0
      const answer = await fetch(fixture.origin + path, {
        method, headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) })
      })
      return await answer.json() as Record<string, unknown>
    }
    const invalid = { status: 502, code: 'UPSTREAM_INVALID' }
    for (const part of ['categories', 'chunks', 'reconciliations']) {
      const file = await ask(VENDOR_KEY, 'GET', `/v1/usage-files/${FILE_ID}?include=${part}`)
      t.match(file, { id: FILE_ID, [part]: null, warnings: [{ part, code: 'UPSTREAM_INVALID' }] }, part)
      t.ok(calls <= maxCalls, `${part}: ${calls} calls`)
    }
    for (const [key, path, body] of [
      [VENDOR_KEY, '/v1/usage-files', CREATE],
      [PROVIDER_KEY, `/v1/products/${PRODUCT}/usage-rules`, { itemId: ITEM, action: 'accept', rule: 'lt(amount,5)' }]
    ] as const) {
      t.match(await ask(key, 'POST', path, body), invalid, path)
      t.ok(calls <= maxCalls, `${path}: ${calls} calls`)
    }
    t.match(await ask(VENDOR_KEY, 'GET', `/v1/usage-files/${FILE_ID}/totals`), invalid, 'totals')
    t.ok(calls <= maxCalls, `totals: ${calls} calls`)
    for (const format of ['csv', 'ndjson']) {
      calls = 0
      // The answer begins with the first page: a later fault closes the connection.
      const url = `${fixture.origin}/v1/usage-records?format=${format}`
      const end = await fetch(url, { headers: { 'x-api-key': VENDOR_KEY } })
        .then(async answer => answer.ok ? await answer.text() : 'refused')
        .catch(() => 'cut')
      t.match(end, /^(?:refused|cut)$/, format)
      t.ok(calls <= maxCalls, `${format}: ${calls} calls`)
    }
    t.same(fixture.uploads(), [], 'nothing was changed')
    const close = `/v1/usage-files/${FILE_ID}/records/close`
    const answer = await ask(PROVIDER_KEY, 'POST', close, { externalBillingId: 'INV-1' })
    // Records are closed while they are listed, so a list that goes on for ever ends the answer, and not the request.
    const grows = total === 200
    t.match(answer, grows ? { summary: { hasMore: true } } : invalid, close)
    t.equal(fixture.uploads().length > 0, grows, 'records of a list that contradicts itself are not closed')
    t.ok(calls <= (grows ? 200 : maxCalls), `${close}: ${calls} calls`)
  })
}

t.test('a lost answer stays unknown when the list to search has no end', async (t) => {
  const fixture = await startFixture(t)
  const ready = { id: CHUNK, status: 'ready', usagefile: { id: FILE_ID }, binding: { hub: { id: 'HB-1' } }, events: {} }
  const closed = { ...ready, status: 'closed', events: { closed: { at: '2026-11-05T08:30:00Z' } } }
  let isSent = false
  let calls = 0
  fixture.onGet(({ path, json }) => {
    if (!LIST.test(path)) return json(200, path.endsWith(CHUNK) ? (isSent ? closed : ready) : fixture.file)
    if (!isSent) return json(200, [], { 'content-range': 'items 0-0/0' })
    calls += 1
    const closing = { closed_at: '2026-11-05T08:29:59Z', external_billing_id: 'INV-1' }
    const one = { ...row(1), ...closing, status: 'closed', hub: { id: 'HB-1' } }
    json(200, [one], { 'content-range': 'items 0-0/900000' })
  })
  fixture.onUpload(async ({ socket, body }) => {
    await body()
    isSent = true
    socket.resetAndDestroy()
  })
  for (const [key, path, body] of [
    [VENDOR_KEY, '/v1/usage-files', CREATE],
    [PROVIDER_KEY, `/v1/usage-chunks/${CHUNK}/close`, { externalBillingId: 'INV-1' }]
  ] as const) {
    isSent = false
    calls = 0
    const headers = { 'x-api-key': key, 'content-type': 'application/json' }
    const answer = await fetch(fixture.origin + path, { method: 'POST', headers, body: JSON.stringify(body) })
    t.match(await answer.json(), { status: 504, code: 'OUTCOME_UNKNOWN' }, path)
    t.ok(calls >= 1 && calls <= 2, `${path}: ${calls} calls`)
  }
  t.equal(fixture.uploads().length, 2, 'each change was sent once')
})
