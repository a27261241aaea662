import { hash } from 'node:crypto'
import { typeOfColumn } from './columns.ts'
import { withTable } from './convert.ts'
import { decimalsOf, parseDecimal, writeDecimal } from './decimal.ts'
import { withFile, type SharedFile } from './shared-file.ts'
import type { Cells, Table, TableRow } from './table.ts'
import { toWorkbookTime } from './times.ts'

/**
 * Gives the same table, and a function that gives a hash of its rows and categories. The function may be called when
 * all rows have been read. Two tables with the same rows and the same categories have the same digest. These
 * differences do not count: the order of rows, of categories and of columns; empty cells and rows; the form of the
 * table; in a column of numbers, how a number is written (1.50 or 1.5); in a column of times, how a time with a zone is
 * written. Every other difference in a text changes the digest.
 */
export function digested (table: Table): { table: Table, digest: () => string } {
  const rows = new UnorderedDigest()
  const read = async function * (): AsyncGenerator<readonly TableRow[], void, void> {
    for await (const batch of table.rows) {
      for (const { cells } of batch) rows.add(cells)
      yield batch
    }
  }
  return {
    table: { get columns () { return table.columns }, rows: read(), categories: table.categories },
    digest: () => {
      const categories = new UnorderedDigest()
      for (const cells of table.categories()) categories.add(cells)
      return hash('sha256', `${rows.toString()} ${categories.toString()}`, 'base64url')
    }
  }
}

/**
 * Gives the digest of the workbook in a file, as `digested` does. Makes blocking calls. Throws what the reader of
 * workbooks throws.
 */
export async function digestFile ({ input }: { input: SharedFile }): Promise<string> {
  return await withFile(input, 'r', async fd =>
    await withTable(fd, { from: 'xlsx' }, async open => {
      const { table, digest } = digested(await open())
      for await (const _batch of table.rows) void _batch
      return digest()
    }))
}

const BITS = 256

/**
 * The digest of rows in any order: how many rows there are, and the sum of their SHA-256, of which 256 bits are kept.
 * It takes the same memory for any number of rows. A row without values is not counted.
 */
class UnorderedDigest {
  #sum = 0n
  #count = 0

  add (cells: Cells): void {
    const values = Object.keys(cells).sort().map(name => [name, canonical(name, cells[name] ?? '')])
    if (values.length === 0) return
    this.#sum = BigInt.asUintN(BITS, this.#sum + BigInt(`0x${hash('sha256', JSON.stringify(values), 'hex')}`))
    this.#count += 1
  }

  toString (): string {
    return `${this.#count}:${this.#sum.toString(16)}`
  }
}

/**
 * Gives one spelling for all spellings of the same value in this column: of a number, or of a time with a zone. Gives
 * every other text unchanged.
 */
function canonical (name: string, text: string): string {
  switch (typeOfColumn(name)) {
    case 'text': return text
    case 'time': return toWorkbookTime(text)
    case 'number': {
      const number = parseDecimal(text)
      if (number === null) return text
      const decimals = decimalsOf(number)
      return writeDecimal({ units: number.units / 10n ** BigInt(number.scale - decimals), scale: decimals })
    }
  }
}
