import { readXlsx } from 'hucre/xlsx'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertFile, type Reading } from '../../src/tables/convert.ts'
import { shareFile, withFile, readFile } from '../../src/tables/shared-file.ts'
import type { TableForm } from '../../src/tables/table.ts'
import { join as joinChunks } from './helper.ts'

/** The texts of a sheet that are not empty, row by row, by column name. */
export type SheetTexts = readonly Readonly<Record<string, string>>[]

/** Reads a sheet of a workbook; an empty list when there is no such sheet. */
export type ReadSheet = (workbook: Buffer, sheet: string) => Promise<SheetTexts>

/** Converts the bytes of a table as a worker thread does. */
export async function convert (bytes: Buffer, from: TableForm, to: TableForm, reading: Reading = {}): Promise<Buffer> {
  const [input, output] = [await temporaryFile(), await temporaryFile()]
  try {
    await input.write(bytes)
    const files = { input: shareFile(input.fd), output: shareFile(output.fd) }
    await convertFile({ ...files, from, to, reading, maxBytes: 2 ** 30 })
    return await withFile(files.output, 'r', async fd => await joinChunks(readFile(fd)))
  } finally {
    await input.close()
    await output.close()
  }
}

async function temporaryFile (): ReturnType<typeof open> {
  const path = join(tmpdir(), `round-trip-${process.pid}-${Math.random()}`)
  const file = await open(path, 'wx+')
  await unlink(path)
  return file
}

/**
 * Converts a workbook to NDJSON, to a workbook, to CSV and to a workbook, and gives what is not as it was: by the
 * service's own reader, which sees every digit, and by the other readers, which are not of this project.
 */
export async function roundTrip (workbook: Buffer, others: Readonly<Record<string, ReadSheet>>): Promise<string[]> {
  const ndjson = await convert(workbook, 'xlsx', 'ndjson')
  const second = await convert(ndjson, 'ndjson', 'xlsx')
  const csv = await convert(second, 'xlsx', 'csv')
  const last = await convert(csv, 'csv', 'xlsx', { isEscaped: true })
  const faults: string[] = []
  const rowsOf = (text: Buffer): string[] => text.toString().split('\n').filter(line => !line.startsWith('{"category"'))
  const lines = rowsOf(await convert(last, 'xlsx', 'ndjson'))
  for (const [at, line] of rowsOf(ndjson).entries()) {
    if (!isSameRow(line, lines[at] ?? '')) faults.push(`row ${at + 2}: ${line} became ${lines[at]}`)
  }
  for (const [name, read] of Object.entries(others)) {
    const differ = (what: string, before: SheetTexts, after: SheetTexts): void => {
      if (before.length !== after.length) faults.push(`${name}: ${before.length} ${what} became ${after.length}`)
      for (const [at, row] of before.entries()) {
        for (const column of new Set([...Object.keys(row), ...Object.keys(after[at] ?? {})])) {
          const [one, other] = [row[column] ?? '', after[at]?.[column] ?? '']
          if (!isSameText(one, other)) faults.push(`${name}: ${what} ${at + 2} ${column}: ${one} became ${other}`)
        }
      }
    }
    differ('records', await read(workbook, 'records'), await read(last, 'records'))
    differ('categories', await read(workbook, 'categories'), await read(second, 'categories'))
  }
  return faults
}

function isSameRow (one: string, other: string): boolean {
  const sorted = (line: string): string => JSON.stringify(Object.entries(line === '' ? {} : JSON.parse(line)).sort())
  return sorted(one) === sorted(other)
}

/** Other readers turn cells of numbers into doubles: `4.0000` in a text cell becomes `4` in a number cell. */
function isSameText (one: string, other: string): boolean {
  return one === other || (/^-?\d+(\.\d+)?$/.test(one) && /^-?\d/.test(other) && Number(one) === Number(other))
}

/** Reads a sheet with hucre. */
export async function readWithHucre (workbook: Buffer, sheet: string): Promise<SheetTexts> {
  const { sheets } = await readXlsx(workbook)
  return textsOf(sheets.find(({ name }) => name === sheet)?.rows ?? [])
}

/** Gives the rows below the header by column name. */
export function textsOf ([header = [], ...rows]: readonly (readonly unknown[])[]): SheetTexts {
  const textOf = (value: unknown): string => value instanceof Date
    ? value.toISOString().slice(0, 19).replace('T', ' ')
    : value === null || value === undefined ? '' : String(value)
  return rows
    .map(row => Object.fromEntries(row.map((value, at) => [textOf(header[at]), textOf(value)])
      .filter(([, text]) => text !== '')))
    .filter(row => Object.keys(row).length > 0)
}
