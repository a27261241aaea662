import fc from 'fast-check'
import { open } from 'node:fs/promises'
import { join as path } from 'node:path'
import t, { type Test } from 'tap'
import { incoming } from '../../src/tables/incoming.ts'
import { digested, digestFile } from '../../src/tables/digest.ts'
import { readMember } from '../../src/tables/read-member.ts'
import { shareFile, type SharedFile } from '../../src/tables/shared-file.ts'
import type { Cells, Table } from '../../src/tables/table.ts'
import { readCsv } from '../../src/tables/read-csv.ts'
import { readJson } from '../../src/tables/read-json.ts'
import { typeOfColumn } from '../../src/tables/columns.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import { makeFolder } from '../helper.ts'
import { chunks, join, readAll, tableOf } from './helper.ts'

async function digestOf (table: Table): Promise<string> {
  const { table: read, digest } = digested(table)
  await readAll(read)
  return digest()
}

const of = async (rows: readonly Cells[], categories: readonly Cells[] = []): Promise<string> =>
  await digestOf(tableOf(['record_id', 'quantity', 'amount', 'record_note'], rows, categories))

async function shared (t: Test, bytes: Buffer | string): Promise<SharedFile> {
  const file = await open(path(makeFolder(t), 'file'), 'w+')
  t.teardown(async () => { await file.close() })
  await file.writeFile(bytes)
  return shareFile(file.fd)
}

const ROW = { record_id: 'r-1', quantity: '1.5', amount: '10', record_note: 'x' }

t.test('what makes no difference between two tables', async (t) => {
  const digest = await of([ROW, { record_id: 'r-2' }], [{ category_id: 'a' }, { category_id: 'b', category_name: 'B' }])
  const same: [string, readonly Cells[]][] = [
    ['the order of the rows', [{ record_id: 'r-2' }, ROW]],
    [
      'the order of the columns',
      [{ record_note: 'x', amount: '10', quantity: '1.5', record_id: 'r-1' }, { record_id: 'r-2' }]
    ],
    ['the spelling of a number', [{ ...ROW, quantity: '01.500', amount: '1e1' }, { record_id: 'r-2' }]],
    ['a row without a value', [ROW, {}, { record_id: 'r-2' }]]
  ]
  const categories = [{ category_name: 'B', category_id: 'b' }, { category_id: 'a' }]
  for (const [what, rows] of same) t.equal(await of(rows, categories), digest, what)
})

t.test('what makes a difference between two tables', async (t) => {
  const digest = await of([ROW], [{ category_id: 'a' }])
  const other: [string, readonly Cells[], readonly Cells[]][] = [
    ['a row that is missing', [], [{ category_id: 'a' }]],
    ['a row that is there twice', [ROW, ROW], [{ category_id: 'a' }]],
    ['a value', [{ ...ROW, quantity: '1.50000001' }], [{ category_id: 'a' }]],
    ['a space in a text', [{ ...ROW, record_note: 'x ' }], [{ category_id: 'a' }]],
    ['digits of a text', [{ ...ROW, record_id: 'r-01' }], [{ category_id: 'a' }]],
    ['values that change columns', [{ ...ROW, quantity: '10', amount: '1.5' }], [{ category_id: 'a' }]],
    ['a category', [ROW], []],
    ['a category in place of a row', [{ category_id: 'a' }], [ROW]]
  ]
  for (const [what, rows, categories] of other) t.not(await of(rows, categories), digest, what)
})

t.test('CSV, JSON and the workbook that is made of them have one digest', async (t) => {
  const csv = 'quantity;record_id;start_time_utc;record_note\n1,50;r-1;2026-10-01T02:00:00+02:00;\n'
  const json = JSON.stringify({
    rows: [{ record_id: 'r-1', quantity: 1.5, start_time_utc: '2026-10-01 00:00:00', record_note: null }]
  })
  const fromCsv = await digestOf(incoming(await readCsv(chunks(csv), ';'), { decimal: 'comma' }))
  t.equal(await digestOf(incoming(readJson(chunks(json), typeOfColumn), {})), fromCsv)
  const table = (): Table => incoming(readJson(chunks(json), typeOfColumn), {})
  const { columns, categories } = await (async () => { const read = table(); await readAll(read); return read })()
  const bytes = await join(writeXlsx({ columns, categories, rows: table().rows }, typeOfColumn))
  t.equal(await digestFile({ input: await shared(t, bytes) }), fromCsv)
})

t.test('any rows have the same digest in any order, and another one when a value changes', async () => {
  const cells = fc.record({
    record_id: fc.string({ minLength: 1 }), quantity: fc.integer().map(String), record_note: fc.string({ minLength: 1 })
  })
  await fc.assert(fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 20 }), async rows => {
    const digest = await of(rows)
    if (await of([...rows].reverse()) !== digest) return false
    const [first, ...rest] = rows
    return await of([{ ...first, record_note: `${first?.record_note}!` }, ...rest]) !== digest
  }), { numRuns: 200 })
})

t.test('the member beside the rows is read as it was written', async (t) => {
  const input = await shared(t, '{"rows":[{"a":"}"}], "report" : {"name": "é","period":{}} ,"categories":[]}')
  t.equal(await readMember({ input, member: 'report' }), '{"name": "é","period":{}}')
  t.equal(await readMember({ input, member: 'other' }), null)
  await t.rejects(readMember({ input: await shared(t, '{"rows":[}'), member: 'report' }), { code: 'MALFORMED_BODY' })
  await t.rejects(readMember({ input: await shared(t, '[]'), member: 'report' }), { code: 'MALFORMED_BODY' })
  const body = '{"report":{"name":"x"},"rows":[{"record_id":"r"}]}'
  t.same((await readAll(readJson(chunks(body), typeOfColumn, 'report'))).rows.length, 1)
  await t.rejects(readAll(readJson(chunks(body), typeOfColumn)), { code: 'MALFORMED_BODY' })
})
