/** Fills the billing columns of a chunk's workbook, for docs/tour.md. */
import { readFile, writeFile } from 'node:fs/promises'
import { fillBilling } from '../workbooks/fill-billing.ts'

const [chunk, result, billingId] = process.argv.slice(2)
if (chunk === undefined || result === undefined || billingId === undefined) {
  throw new Error('usage: fill-billing.js <chunk.xlsx> <result.xlsx> <billing id>')
}
await writeFile(result, await fillBilling(await readFile(chunk), billingId, 'October run'))
