/** hucre's streaming reader, to NDJSON. `read-hucre.js <workbook> <file>` */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { streamXlsxRows } from 'hucre/xlsx'
import { begin, end } from './job.js'

const [workbook, file] = begin()
const output = createWriteStream(file)
let columns = null
for await (const { values } of streamXlsxRows(await readFile(workbook))) {
  if (columns === null) {
    columns = values
    continue
  }
  const row = {}
  for (let at = 0; at < columns.length; at += 1) {
    if (values[at] !== undefined && values[at] !== null) row[columns[at]] = String(values[at])
  }
  if (!output.write(`${JSON.stringify(row)}\n`)) await once(output, 'drain')
}
output.end()
await once(output, 'finish')
end()
