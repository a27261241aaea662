/** exceljs' streaming reader, to NDJSON. `read-exceljs.js <workbook> <file>` */
import ExcelJS from 'exceljs'
import { begin, end } from './job.js'
import { writeNdjson } from './write-ndjson.js'

const [workbook, file] = begin()
await writeNdjson(rowsOf(workbook), file, 1)
end()

async function * rowsOf (path) {
  const reader = new ExcelJS.stream.xlsx.WorkbookReader(path, { sharedStrings: 'cache', worksheets: 'emit' })
  for await (const sheet of reader) {
    for await (const { values } of sheet) yield values
  }
}
