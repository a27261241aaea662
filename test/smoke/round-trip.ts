/**
 * `node build/test/smoke/round-trip.js <workbook>…`: converts each workbook to NDJSON, to a workbook, to CSV and to a
 * workbook. Compares the cells before and after, as hucre reads them, and as openpyxl where Python has it. Exits with
 * 1 when a cell is not as it was.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readWithHucre, roundTrip, textsOf, type ReadSheet } from '../tables/round-trip.ts'

/**
 * A program in Python that prints the rows of a sheet as JSON. Its arguments are the path of the workbook and the name
 * of the sheet. Numbers have the digits of the shortest double.
 */
const SCRIPT = `
import datetime, json, sys
import openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
rows = book[sys.argv[2]].iter_rows(values_only=True) if sys.argv[2] in book.sheetnames else []
text = lambda cell: str(cell) if isinstance(cell, datetime.datetime) else cell
print(json.dumps([[text(cell) for cell in row] for row in rows]))
`

const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-round-trip-'))
/**
 * The first Python that has openpyxl; undefined when none has. The Python that Debian's packages belong to is tried
 * first.
 */
const python = ['/usr/bin/python3', 'python3'].find(one => spawnSync(one, ['-c', 'import openpyxl']).status === 0)
const readWithOpenpyxl = (program: string): ReadSheet => async (workbook, sheet) => {
  const path = join(folder, 'book.xlsx')
  writeFileSync(path, workbook)
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28 } as const
  const { status, stdout, stderr } = spawnSync(program, ['-c', SCRIPT, path, sheet], options)
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
  return textsOf(JSON.parse(stdout) as unknown[][])
}

const readers = {
  hucre: readWithHucre,
  ...(python !== undefined && { openpyxl: readWithOpenpyxl(python) })
}
let failed = 0
try {
  for (const path of process.argv.slice(2)) {
    const faults = await roundTrip(readFileSync(path), readers)
    failed += faults.length
    console.log(`${path}: ${faults.length === 0 ? 'as it was' : `${faults.length} differences`}`)
    for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`read by ${Object.keys(readers).join(' and ')}`)
process.exit(failed === 0 && process.argv.length > 2 ? 0 : 1)
