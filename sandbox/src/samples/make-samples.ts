import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sampleWorkbooks } from './sample-workbooks.ts'

// npm runs a script in its package's folder.
for (const { fileName, bytes } of await sampleWorkbooks()) {
  await writeFile(resolve('samples', fileName), bytes)
}
