/** A workbook with a shared string in each cell, all different, by exceljs. `write-strings.js <rows> <file>` */
import ExcelJS from 'exceljs'
import { begin, end } from './job.js'
import { COLUMNS } from './rows.js'

const ROWS_BETWEEN_TURNS = 1_000
const [count, filename] = begin()
const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ filename, useStyles: false, useSharedStrings: true })
const sheet = workbook.addWorksheet('records')
sheet.addRow(COLUMNS).commit()
for (let n = 0; n < count; n += 1) {
  sheet.addRow(COLUMNS.map(name => `${name} of the row ${n}`)).commit()
  // The bytes leave only when the event loop has its turn.
  if (n % ROWS_BETWEEN_TURNS === 0) await new Promise(resolve => setImmediate(resolve))
}
sheet.commit()
await workbook.commit()
end()
