import t from 'tap'
import { readXlsx, type Sheet } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { writeProcessedFile } from '../../src/workbooks/processed-file.ts'
import { catalog, goodRow, upload } from './fixtures/catalog.ts'

const general = [['report_id', 'UF-2026-10-0000-0001'], ['status', 'invalid'], ['valid_records', '1']] as const

function commented (sheet: Sheet | undefined): Record<string, string> {
  const cells = [...sheet?.cells ?? []].filter(([, cell]) => cell.comment !== undefined)
  return Object.fromEntries(cells.map(([key, cell]) => [key, cell.comment?.text ?? '']))
}

t.test('domain 4.3: wrong cells have a red border and a comment with the reason', async t => {
  const rows = [
    goodRow,
    { ...goodRow, record_id: 'r-2', item_search_value: 'FB-NONE', quantity: -1, record_note: '#  a & b <c>' },
    { ...goodRow, record_id: 'r-3', item_search_value: 'NEW', item_name: 'New', item_unit: 'Unit', quantity: '12.3400' }
  ]
  const storage = { id: 'storage', name: 'Storage', description: 'Object & block' }
  const bytes = await upload(rows, [storage])
  const checked = await checkUsageWorkbook(bytes, catalog({ dynamicItems: true }))
  const processed = await writeProcessedFile(bytes, checked, general)
  const { sheets } = await readXlsx(processed, { readStyles: true })
  t.same(sheets.map(({ name }) => name), ['instructions', 'general', 'categories', 'records'])
  t.same(sheets[1]?.rows, [['attribute_id', 'attribute_value'], ...general])
  t.same(sheets[2]?.rows, [
    ['category_id', 'category_name', 'category_description'],
    ['storage', 'Storage', 'Object & block']
  ])
  const records = sheets[3]
  t.match(records?.rows[0], [...Object.keys(goodRow), 'record_note', 'item_name', 'item_unit'])
  t.equal(records?.rows[2]?.[3], -1, 'numbers stay numbers')
  t.equal(records?.rows[3]?.[3], '12.3400', 'text stays text')
  t.equal(records?.rows[2]?.[9], '#  a & b <c>')
  t.same(commented(records), {
    '2,2': 'USG_011: Unknown MPN',
    '2,3': 'USG_021: quantity must not be negative, it is -1; corrections go through reconciliation',
    '3,0':
      'USG_012: item_mpn is needed to create the item, which the product does not have\n' +
      'USG_012: item_precision is needed to create the item, which the product does not have'
  })
  const red = { style: 'medium', color: { rgb: 'FF0000' } }
  t.match(records?.cells?.get('2,2')?.style?.border, { top: red, right: red, bottom: red, left: red })
  t.notOk(records?.cells?.get('1,2')?.style?.border, 'a good cell has no outline')
})

t.test('the processed file can be uploaded again with the same result', async t => {
  const bytes = await upload([{ ...goodRow, record_id: '' }, goodRow, { ...goodRow, quantity: 'ten' }])
  const first = await checkUsageWorkbook(bytes, catalog())
  const again = await checkUsageWorkbook(await writeProcessedFile(bytes, first, general), catalog())
  t.same(again.rows.map(({ errors }) => errors), first.rows.map(({ errors }) => errors))
  t.same(again.rows.map(({ row }) => row), [2, 3, 4])
})

t.test('blank rows above a wrong row do not move its comment', async t => {
  const blank = Object.fromEntries(Object.keys(goodRow).map(column => [column, null]))
  const bytes = await upload([goodRow, blank, { ...goodRow, quantity: 'ten', record_id: 'r-2' }])
  const processed = await writeProcessedFile(bytes, await checkUsageWorkbook(bytes, catalog()), general)
  t.same(Object.keys(commented((await readXlsx(processed, { sheets: ['records'], readStyles: true })).sheets[0])), [
    '3,3'
  ])
})

t.test('a file that cannot be read has a processed file, too', async t => {
  const bytes = Buffer.from('not a workbook')
  const processed = await writeProcessedFile(bytes, await checkUsageWorkbook(bytes, catalog()), general)
  const { sheets } = await readXlsx(processed)
  t.same(sheets[3]?.rows, [])
})
