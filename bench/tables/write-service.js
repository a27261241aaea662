/** The service's own writer alone; bundled by the bench. `write-service.js <rows> <file>` */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { typeOfColumn } from '../../src/tables/columns.ts'
import { RowCells } from '../../src/tables/table.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import { begin, end } from './job.js'
import { COLUMNS, rowOf } from './rows.js'

const BATCH_ROWS = 500
const [count, file] = begin()

function * rows () {
  for (let from = 0; from < count; from += BATCH_ROWS) {
    yield Array.from({ length: Math.min(BATCH_ROWS, count - from) }, (_, i) => {
      // As the readers of the service make them.
      const row = new RowCells(from + i + 2)
      rowOf(from + i).forEach((text, at) => row.add(COLUMNS[at], text))
      return { number: from + i + 2, cells: row.cells }
    })
  }
}

await pipeline(
  Readable.from(writeXlsx({ columns: COLUMNS, rows: rows(), categories: () => [] }, typeOfColumn)),
  createWriteStream(file)
)
end()
