/** exceljs' streaming reader, to NDJSON. `read-exceljs.js <workbook> <file>` */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import ExcelJS from 'exceljs'
import { begin, end } from './job.js'

const [workbook, file] = begin()
const output = createWriteStream(file)
const reader = new ExcelJS.stream.xlsx.WorkbookReader(workbook, { sharedStrings: 'cache', worksheets: 'emit' })
let columns = null
for await (const sheet of reader) {
  for await (const { values } of sheet) {
    if (columns === null) {
      columns = values
      continue
    }
    const row = {}
    for (let at = 1; at < columns.length; at += 1) {
      if (values[at] !== undefined && values[at] !== null) row[columns[at]] = String(values[at])
    }
    if (!output.write(`${JSON.stringify(row)}\n`)) await once(output, 'drain')
  }
}
output.end()
await once(output, 'finish')
end()
