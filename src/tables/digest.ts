import { hash } from 'node:crypto'
import { typeOfColumn } from './columns.ts'
import { withTable } from './convert.ts'
import { decimalsOf, parseDecimal, writeDecimal } from './decimal.ts'
import { withFile, type SharedFile } from './shared-file.ts'
import type { Cells, Table, TableRow } from './table.ts'
import { toWorkbookTime } from './times.ts'

/**
 * Gives a table with the same rows, and a function for its digest, to be called when all rows have been read. These
 * make no difference to the digest: the order of rows, categories and columns; empty cells and rows; the form of the
 * table; how a number (1.50 or 1.5) or a time with a zone is written in a column of that type.
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

/** Gives the digest of a workbook. Makes blocking calls. Throws 400, 413 or 422 when it cannot be read as a table. */
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
 * Adds up rows to a digest: the number of rows with values, and the sum of their SHA-256 modulo 2^256. The order of
 * rows makes no difference.
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

/** In columns of numbers and of times, gives one spelling for all spellings of the same number or time with a zone. */
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
