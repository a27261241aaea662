import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sampleWorkbooks } from './sample-workbooks.ts'

// Run from the repository's root; the compiled script lies elsewhere than the samples it makes.
for (const { fileName, bytes } of await sampleWorkbooks()) {
  await writeFile(resolve('src/sandbox/samples', fileName), bytes)
}
