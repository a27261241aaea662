/** exceljs' streaming writer. `write-exceljs.js <rows> <file>` */
import ExcelJS from 'exceljs'
import { begin, end } from './job.js'
import { COLUMNS, NUMBERS, rowOf } from './rows.js'

const ROWS_BETWEEN_TURNS = 1_000
const [count, filename] = begin()
const isNumber = COLUMNS.map(name => NUMBERS.includes(name))
const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({
  filename, useStyles: false, useSharedStrings: false, zip: { zlib: { level: 6 } }
})
const sheet = workbook.addWorksheet('records')
sheet.addRow(COLUMNS).commit()
for (let n = 0; n < count; n += 1) {
  sheet.addRow(rowOf(n).map((text, at) => isNumber[at] ? Number(text) : text)).commit()
  // The bytes leave only when the event loop has its turn.
  if (n % ROWS_BETWEEN_TURNS === 0) await new Promise(resolve => setImmediate(resolve))
}
sheet.commit()
await workbook.commit()
end()
