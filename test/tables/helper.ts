import type { Cells, ColumnType, Table, TableRow } from '../../src/tables/table.ts'

export interface Read { columns: readonly string[], rows: TableRow[], categories: readonly Cells[] }

export const typeOf = (name: string): ColumnType =>
  ['quantity', 'amount'].includes(name) ? 'number' : name.endsWith('_utc') ? 'time' : 'text'

/** Reads a table whole. The cells are plain objects, as the tests write them. */
export async function readAll (opened: Table | Promise<Table>): Promise<Read> {
  const table = await opened
  const rows: TableRow[] = []
  for await (const batch of table.rows) rows.push(...batch.map(row => ({ ...row, cells: { ...row.cells } })))
  return { columns: table.columns, rows, categories: table.categories().map(cells => ({ ...cells })) }
}

/** The bytes in chunks of this size. */
export async function * chunks (bytes: Buffer | string, size = 65_536): AsyncGenerator<Buffer, void, void> {
  const whole = Buffer.from(bytes)
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
}

export async function join (source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

export function tableOf (columns: readonly string[], rows: readonly Cells[], categories: readonly Cells[] = []): Table {
  return {
    columns,
    rows: (async function * () {
      for (const [index, cells] of rows.entries()) yield [{ number: index + 2, cells }]
    })(),
    categories: () => categories
  }
}
