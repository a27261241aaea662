import { inPlace, readSheets } from '../../src/sandbox/workbooks/read-sheets.ts'
import { writeSheets } from '../../src/sandbox/workbooks/write-sheets.ts'

/** A chunk's workbook with both billing columns filled in every row, as a person would. */
export async function fillChunk (bytes: Uint8Array, billingId: string): Promise<Uint8Array<ArrayBuffer>> {
  const names = ['instructions', 'general', 'categories', 'records', 'summary']
  const { sheets, fault } = await readSheets(bytes, names)
  if (fault !== null) throw new Error(fault)
  const [header = [], ...rows] = inPlace(sheets.get('records') ?? [])
  const filled = rows.map(row => header.map((name, column) => {
    if (name === 'external_billing_id') return billingId
    return name === 'external_billing_note' ? 'billed' : row[column] ?? null
  }))
  return new Uint8Array(await writeSheets(names.map(name => ({ name, rows: name === 'records' ? [header, ...filled] : inPlace(sheets.get(name) ?? []) }))))
}
