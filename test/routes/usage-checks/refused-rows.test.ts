import t from 'tap'
import { XLSX } from '../../../src/media-types.ts'
import { writeXlsx } from '../../../src/tables/xlsx/write-xlsx.ts'
import { asVendor, startBoth } from '../../helper.ts'
import { join, tableOf } from '../../tables/helper.ts'

const URL = '/v1/products/PRD-276-377-545/usage-check?schema=tr&from=2026-10-01&to=2026-10-31'

t.test('an amount with a point between decimal commas is refused wherever rows are taken', async (t) => {
  const { origin } = await startBoth(t)
  const headers = { ...asVendor, 'content-type': 'text/csv' }
  const body = 'record_id;quantity;amount\nr-1;1.744;1,5\n'
  for (const path of [URL, '/v1/products/PRD-276-377-545/usage-workbook?schema=tr']) {
    const answer = await fetch(`${origin}${path}&decimal=comma`, { method: 'POST', headers, body })
    const detail = 'Row 2: quantity is "1.744". With decimal=comma a number has no point.'
    t.match(await answer.json(), { status: 400, code: 'MALFORMED_BODY', detail }, path)
  }
})

t.test('a row over 262,144 characters is the same 413 in each form', async (t) => {
  const { origin } = await startBoth(t)
  const names = Array.from({ length: 9 }, (_, at) => `v.${at}`)
  const row = Object.fromEntries(names.map(name => [name, 'x'.repeat(32_000)]))
  const file = await join(writeXlsx(tableOf(names, [row]), () => 'text'))
  const long = 'x'.repeat(300_000)
  for (const [type, body] of [
    ['text/csv', `${names.join()}\n${Object.values(row).join()}\n`],
    ['application/x-ndjson', `${JSON.stringify(row)}\n`],
    ['application/json', JSON.stringify({ rows: [row] })],
    ['application/json', JSON.stringify({ categories: [{ category_id: long }], rows: [] })],
    ['application/json', `{"rows":[{"v.1":"${long}`],
    [XLSX, file]
  ] as const) {
    const answer = await fetch(origin + URL, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
    const expected = { status: 413, code: 'BODY_TOO_LARGE', detail: /more than 262144 characters/ }
    t.match(await answer.json(), expected, `${type} ${String(body).slice(0, 30)}`)
  }
})
