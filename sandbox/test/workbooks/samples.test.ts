import t from 'tap'
import { readFile } from 'node:fs/promises'
import { sampleWorkbooks } from '../../src/samples/sample-workbooks.ts'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { catalog } from './fixtures/catalog.ts'

t.test('the committed samples equal the output of the script', async t => {
  for (const { fileName, bytes } of await sampleWorkbooks()) {
    const committed = await readFile(`sandbox/samples/${fileName}`)
    t.ok(committed.equals(bytes), fileName)
  }
})

t.test('one sample is valid, and the other has three wrong rows', async t => {
  const [good, bad] = await sampleWorkbooks()
  const goodResult = await checkUsageWorkbook(good?.bytes ?? new Uint8Array(), catalog())
  t.equal(goodResult.fileError, null)
  t.same(goodResult.rows.map(({ errors }) => errors), [[], [], [], [], [], []])
  t.equal(goodResult.categories.length, 3)
  const badResult = await checkUsageWorkbook(bad?.bytes ?? new Uint8Array(), catalog())
  t.equal(badResult.rows.length, 8)
  t.same(badResult.rows.flatMap(({ row, errors }) => errors.map(({ code, column }) => [row, code, column])), [
    [3, 'USG_011', 'item_search_value'],
    [5, 'USG_021', 'quantity'],
    [8, 'USG_030', 'end_time_utc']
  ])
})
