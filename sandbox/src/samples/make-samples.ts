import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sampleWorkbooks } from './sample-workbooks.ts'

// `samples` is the folder in the package of the sandbox: npm runs a script in the folder of its package.
for (const { fileName, bytes } of await sampleWorkbooks()) {
  await writeFile(resolve('samples', fileName), bytes)
}
