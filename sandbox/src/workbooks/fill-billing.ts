import { inPlace, readSheets } from './read-sheets.ts'
import { writeSheets } from './write-sheets.ts'

const SHEETS = ['instructions', 'general', 'categories', 'records', 'summary']

/** Fills both billing columns in every row, as a provider does. Throws Error for a workbook that cannot be read. */
export async function fillBilling (chunk: Uint8Array, billingId: string, billingNote: string): Promise<Uint8Array> {
  const { sheets, fault } = await readSheets(chunk, SHEETS)
  if (fault !== null) throw new Error(fault)
  const [header = [], ...rows] = inPlace(sheets.get('records') ?? [])
  const filled = rows.map(row => header.map((name, column) => {
    if (name === 'external_billing_id') return billingId
    return name === 'external_billing_note' ? billingNote : row[column] ?? null
  }))
  return await writeSheets(
    SHEETS.map(name => ({ name, rows: name === 'records' ? [header, ...filled] : inPlace(sheets.get(name) ?? []) }))
  )
}
