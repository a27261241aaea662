/** hucre's streaming reader, to NDJSON. `read-hucre.js <workbook> <file>` */
import { readFile } from 'node:fs/promises'
import { streamXlsxRows } from 'hucre/xlsx'
import { begin, end } from './job.js'
import { writeNdjson } from './write-ndjson.js'

const [workbook, file] = begin()
await writeNdjson(rowsOf(workbook), file, 0)
end()

async function * rowsOf (path) {
  for await (const { values } of streamXlsxRows(await readFile(path))) yield values
}
