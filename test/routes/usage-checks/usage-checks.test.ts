import { parse } from 'csv-parse/sync'
import t from 'tap'
import { asVendor, startBoth } from '../../helper.ts'
import { conformsTo } from '../validate-answer.ts'

const NAMES = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount', 'tier'
]
const line = (id: string, quantity: string): string[] => [
  id, 'item.mpn', 'VM-SMALL', quantity, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id', 'AS-1', '1.5', '0'
]
const csv = (rows: string[][]): string => [NAMES, ...rows].map(cells => `${cells.join(',')}\r\n`).join('')
const object = (cells: string[]): object => Object.fromEntries(cells.map((text, at) => [NAMES[at], text]))
const ROWS = [line('r-1', '1.50'), line('r-2', 'many'), line('r-1', '2')]
const URL = '/v1/products/PRD-276-377-545/usage-check?schema=tr&from=2026-10-01&to=2026-10-31'

t.test('the same rows in each form of text have the same check', async (t) => {
  const { origin, sandbox } = await startBoth(t, { seed: 'full' })
  const check = async (type: string, body: string, path = URL): Promise<Record<string, unknown>> => {
    const answer = await fetch(origin + path, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
    const json = await answer.json() as Record<string, unknown>
    t.equal(answer.status, 200, JSON.stringify(json).slice(0, 300))
    conformsTo('UsageCheck', json)
    return json
  }
  const expected = {
    valid: false,
    rows: { total: 3, valid: 1, invalid: 2 },
    totals: { amount: '4.5', quantityByItem: [{ item: 'VM-SMALL', quantity: '3.50', rows: 3 }] },
    truncated: false
  }
  const ofCsv = await check('text/csv', csv(ROWS))
  t.match(ofCsv, expected)
  t.match(ofCsv['problems'], [
    { row: 3, cell: 'D3', recordId: 'r-2', code: 'VALUE_INVALID', value: 'many' },
    { row: 4, cell: 'A4', code: 'DUPLICATE_RECORD_ID', value: 'r-1' }
  ])
  const ofJson = await check('application/json', JSON.stringify({ rows: ROWS.map(object) }))
  const lines = ROWS.map(cells => `${JSON.stringify(object(cells))}\n`).join('')
  const ofNdjson = await check('application/x-ndjson', lines)
  t.match(ofJson, expected)
  t.same(ofNdjson, ofJson)
  t.match(ofJson['problems'], [{ row: 3, cell: null, code: 'VALUE_INVALID' }, { row: 4, cell: null }])
  t.match(await check('text/csv', csv(ROWS).replaceAll(',', ';'), `${URL}&delimiter=;`), expected)
  t.equal(sandbox.ledger.entries.length, 0, 'Connect is not asked')
})

t.test('all problems, and what is refused', async (t) => {
  const { origin } = await startBoth(t)
  const post = async (path: string, type: string, body: string): Promise<Response> =>
    await fetch(origin + path, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
  const many = csv(Array.from({ length: 1200 }, (_, n) => line(`r-${n}`, 'many')))
  const ndjson = (await (await post(`${URL}&format=ndjson`, 'text/csv', many)).text()).trimEnd().split('\n')
  t.equal(ndjson.length, 1201)
  t.match(JSON.parse(ndjson.at(-1) ?? ''), { summary: { valid: false, rows: { total: 1200 }, truncated: true } })
  const rows = parse<Record<string, string>>(
    await (await post(`${URL}&format=csv`, 'text/csv', many)).text(), { columns: true }
  )
  t.equal(rows.length, 1200)
  t.match(rows[0], { row: '2', column: 'quantity', cell: 'D2', code: 'VALUE_INVALID', value: 'many' })
  for (const [path, type, body, status] of [
    [`${URL}&format=ndjson`, 'text/csv', `${many}"`, 400], [URL, 'application/json', '{"rows":[1]}', 400],
    [`${URL}&decimal=comma`, 'application/json', '{"rows":[]}', 400], [URL, 'application/xml', '<a/>', 415],
    [URL.replace('&to=2026-10-31', ''), 'text/csv', csv([]), 400]
  ] as const) t.equal((await post(path, type, body)).status, status, `${path} ${type}`)
})

t.test('a usage file gives the schema and the period', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const listed = await fetch(`${origin}/v1/usage-files?limit=1&schema=qt`, { headers: asVendor })
  const { items: [file] } = await listed.json() as { items: { id: string }[] }
  const answer = await fetch(`${origin}/v1/usage-files/${file?.id}/check`, {
    method: 'POST',
    headers: { ...asVendor, 'content-type': 'text/csv' },
    body: csv([line('r-1', '1').with(4, '1999-01-01 00:00:00')])
  })
  t.equal(answer.status, 200)
  const json = await answer.json() as Record<string, unknown>
  t.match(json, { valid: true, totals: { amount: null }, problems: [{ code: 'PERIOD_OUTSIDE', severity: 'warning' }] })
})
