import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/**
 * Writes a sheet as NDJSON: `rows` gives lists of cells, the names of the columns first. The cells of a list begin at
 * index `from`.
 */
export async function writeNdjson (rows, file, from) {
  const output = createWriteStream(file)
  let columns = null
  for await (const values of rows) {
    if (columns === null) {
      columns = values
      continue
    }
    const row = {}
    for (let at = from; at < columns.length; at += 1) {
      if (values[at] !== undefined && values[at] !== null) row[columns[at]] = String(values[at])
    }
    if (!output.write(`${JSON.stringify(row)}\n`)) await once(output, 'drain')
  }
  output.end()
  await once(output, 'finish')
}
