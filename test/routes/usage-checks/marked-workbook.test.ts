import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readXlsx } from 'hucre/xlsx'
import t, { type Test as Tap } from 'tap'
import { CSV, NDJSON, XLSX } from '../../../src/media-types.ts'
import { readComments } from '../../../src/tables/xlsx/read-comments.ts'
import { writeXlsx } from '../../../src/tables/xlsx/write-xlsx.ts'
import { asVendor, startBoth } from '../../helper.ts'
import { join as joined, tableOf, typeOf } from '../../tables/helper.ts'

const NAMES = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount'
]
const line = (id: string, quantity: string): string[] => [
  id, 'item.mpn', 'FB-VM-HOURS', quantity, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id',
  'AS-5501-1000-0001', '1.5'
]
const csv = (rows: string[][], names = NAMES): string =>
  [names, ...rows].map(cells => `${cells.join(',')}\r\n`).join('')
const object = (cells: string[]): Record<string, string> =>
  Object.fromEntries(cells.flatMap((text, at) => text === '' ? [] : [[NAMES[at] ?? '', text]]))
const PATH = '/v1/products/PRD-276-377-545/usage-check?schema=cr&from=2026-10-01&to=2026-10-31&format=xlsx'

/** Row 3 has a quantity that is no number and an unknown item, row 4 no quantity and a time outside of the period. */
const ROWS = [
  line('r-1', '1.5'),
  line('r-2', 'many').with(2, 'FB-NONE'),
  line('r-3', '').with(4, '2026-09-30 00:00:00'),
  line('r-4', '12345678901234567890.5')
]
const CORRECTED = [
  ROWS[0]!, ROWS[1]!.with(2, 'FB-VM-HOURS').with(3, '2'), ROWS[2]!.with(3, '3').with(4, '2026-10-01 00:00:00'), ROWS[3]!
]

interface Marked { name: string, cells: string[][], comments: Record<string, string>, marked: string[] }

async function readMarked (answer: Response): Promise<Marked[]> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const { sheets } = await readXlsx(bytes, { readStyles: true })
  return sheets.map(({ name, rows, cells }) => {
    const kept = [...cells ?? []]
    return {
      name,
      cells: rows.map(row => row.map(value => String(value ?? ''))),
      comments: Object.fromEntries(kept.flatMap(([key, { comment }]) =>
        comment === undefined ? [] : [[nameOf(key), comment.text]])),
      marked: kept.filter(([, { style }]) => style?.border?.top !== undefined).map(([key]) => nameOf(key))
    }
  })
}

/** The comments by cell. The reader of the service is faster than that of `readMarked`. */
async function commentsOf (t: Tap, answer: Response): Promise<Map<string, string>> {
  const path = join(t.testdir(), 'marked.xlsx')
  await writeFile(path, Buffer.from(await answer.arrayBuffer()))
  const file = await open(path)
  t.teardown(async () => { await file.close() })
  return new Map((await readComments(file.fd)).map(({ cell, text }) => [cell, text]))
}

function nameOf (key: string): string {
  const [row, column] = key.split(',').map(Number) as [number, number]
  return `${String.fromCharCode(65 + column)}${row + 1}`
}

t.test('a check as XLSX is the rows with the wrong cells marked, from each form', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const post = async (type: string, body: string | Buffer, path = PATH): Promise<Response> =>
    await fetch(origin + path, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
  const workbook = async (rows: string[][]): Promise<Buffer> =>
    await joined(writeXlsx(tableOf(NAMES, rows.map(object)), typeOf))
  const answer = await post(CSV, csv(ROWS))
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), XLSX)
  t.equal(answer.headers.get('content-disposition'), 'attachment; filename="PRD-276-377-545-usage-check.xlsx"')
  const length = Number(answer.headers.get('content-length'))
  t.equal((await answer.clone().arrayBuffer()).byteLength, length)
  const [records] = await readMarked(answer)
  t.same(records?.cells, [NAMES, ...ROWS], 'every row and every digit')
  t.match(records?.comments, {
    C3: /^ITEM_UNKNOWN: /,
    D3: /^VALUE_INVALID: quantity must be a number/,
    D4: /^VALUE_MISSING: /,
    E4: /^PERIOD_OUTSIDE \(warning\): /
  })
  t.same(records?.marked, ['C3', 'D3', 'E4', 'D4'].sort(), 'also the cell without a value')
  const lines = ROWS.map(cells => `${JSON.stringify(object(cells))}\n`).join('')
  const json = JSON.stringify({ rows: ROWS.map(object), categories: [{ category_id: 'c', category_name: 'C' }] })
  for (const [type, body] of [[XLSX, await workbook(ROWS)], [NDJSON, lines], ['application/json', json]] as const) {
    const [same, ...others] = await readMarked(await post(type, body))
    t.same(same, records, type)
    t.same(others.map(({ name, cells }) => [name, cells]), type !== 'application/json'
      ? []
      : [['categories', [['category_id', 'category_name'], ['c', 'C']]]])
  }
  const [good] = await readMarked(await post(CSV, csv(CORRECTED)))
  t.same(good?.comments, {}, 'rows without a problem have no comment')
  const named = await fetch(origin + PATH.replace('&format=xlsx', ''), {
    method: 'POST', headers: { ...asVendor, 'content-type': CSV, accept: XLSX }, body: csv(ROWS)
  })
  t.equal(named.headers.get('content-type'), XLSX, 'Accept names the form, too')
  t.equal(named.headers.get('vary'), 'Accept')
  const writes = sandbox.ledger.entries.filter(({ method }) => method !== 'GET')
  t.same(writes, [], 'Connect is only read')
})

t.test('the marked workbook of a usage file is taken when its cells are corrected', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const listed = await fetch(`${origin}/v1/usage-files?limit=1&productId=PRD-276-377-545&status=draft`, {
    headers: asVendor
  })
  const { items: [{ id }] } = await listed.json() as { items: [{ id: string }] }
  const send = async (path: string, type: string, body: string | Buffer): Promise<Response> =>
    await fetch(`${origin}/v1/usage-files/${id}/${path}`, {
      method: 'POST', headers: { ...asVendor, 'content-type': type }, body
    })
  const answer = await send('check?format=xlsx', CSV, csv(ROWS))
  t.equal(answer.headers.get('content-disposition'), `attachment; filename="${id}-check.xlsx"`)
  const [records] = await readMarked(answer)
  const rows = records!.cells.slice(1).map((cells, row) =>
    cells.map((text, at) =>
      records!.comments[`${'ABCDEFGHI'[at]}${row + 2}`] === undefined ? text : CORRECTED[row]![at]!))
  const corrected = await joined(writeXlsx(tableOf(NAMES, rows.map(object)), typeOf))
  const { valid } = await (await send('check', XLSX, corrected)).json() as { valid: boolean }
  t.ok(valid)
  t.equal((await send('upload', XLSX, corrected)).status, 202)
})

t.test('columns, many problems, and rows that no workbook can hold', async (t) => {
  const { origin } = await startBoth(t)
  const post = async (type: string, body: string): Promise<Response> =>
    await fetch(origin + PATH, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
  const names = NAMES.with(3, 'amounts').with(8, '')
  const [wrong] = await readMarked(await post(CSV, csv([line('r-1', '1').with(8, '')], names)))
  t.same(wrong?.cells[0], names.slice(0, 8), 'a column without a name and without values is left out')
  t.match(wrong?.comments, { A1: /^COLUMN_MISSING: .*quantity.*\n.*COLUMN_MISSING: .*amount/, D1: /^COLUMN_UNKNOWN: / })
  const many = Array.from({ length: 25_010 }, (_, n) => line(`r-${n}`, 'many'))
  const comments = await commentsOf(t, await post(CSV, csv(many)))
  t.equal(comments.get('A1'), 'Only the first 25000 of 25010 problems with the severity error have a comment.')
  t.match(comments.get('D25001'), /^VALUE_INVALID/)
  t.equal(comments.size, 25_001)
  const forbidden = await post('application/json', JSON.stringify({ rows: [object(line('r\u0001', '1'))] }))
  t.equal(forbidden.status, 422)
  t.match(await forbidden.json(), { code: 'ROWS_INVALID', check: { problems: [{ code: 'CHARACTER_FORBIDDEN' }] } })
  for (const [type, body, status] of [
    ['application/json', '{"rows":[1]}', 400], ['application/json', '{"rows":[]}', 400], [XLSX, 'PK', 422],
    [CSV, csv([line('r-1', `"${'x'.repeat(40_000)}"`)]), 413]
  ] as const) t.equal((await post(type, body)).status, status, body.slice(0, 20))
})
