import type { Schemas, UsageClient } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session.tsx'
import {
  checkTable, isWorkbook, readingQuery, readLines, type Check, type Reading, type Target
} from './check.ts'
import { FIRST_ROW, tableOf, type Lines } from './rows.ts'

/** The most bytes of a chosen file whose rows can be corrected in the page. */
const MAX_EDITABLE_BYTES = 50 * 1024 * 1024

export interface CheckedTable {
  check: Check
  /** The table that was checked. The same table is uploaded. */
  table: File
  query: ReturnType<typeof readingQuery>
  /** The table for corrections. Null for a workbook, a too large file, and a file without errors at its first check. */
  lines: Lines | null
}

export interface TableToCheck {
  target: Target
  productId: string
  schema: Schemas['UsageSchema']
  reading: Reading
}

interface State {
  checked: CheckedTable | null
  /** Whether the rows, or what they are for, have changed since the check. */
  isStale: boolean
  isBusy: boolean
  error: unknown
}

type CheckWork = (signal: AbortSignal) => Promise<CheckedTable>

const NOTHING: State = { checked: null, isStale: false, isBusy: false, error: undefined }

/**
 * Checks tables, and keeps the last check. `ready` is that check, also when it found errors in the rows. It is null
 * before the first check, while a check runs, after a check that failed, and when something has changed since.
 */
export function useCheck () {
  const { client } = useSession()
  const { state, setState, run, again, abort } = useNewestCheck()
  const forget = (): void => {
    abort()
    setState(NOTHING)
  }
  const { checked, isStale, isBusy, error } = state
  return {
    ...state,
    ready: isStale || isBusy || error !== undefined ? null : checked,
    forget,
    /** Aborts a running check, and makes the last check out of date. For a header that is not complete. */
    expire: () => {
      abort()
      setState(last => ({ ...last, isStale: true, isBusy: false }))
    },
    setCell: (row: number, column: string, value: string) => {
      setState(last => withCell(last, row - FIRST_ROW, column, value))
    },
    check: (table: File, what: TableToCheck) => {
      forget()
      run(async signal => await readAndCheck(client, table, what, signal))
    },
    checkLines: (lines: Lines, target: Target) => {
      run(async signal => await checkLines(client, lines, target, signal))
    },
    again
  }
}

/** Runs one check at a time: a newer check aborts an older one. `again` repeats the newest check. */
function useNewestCheck () {
  const [state, setState] = useState(NOTHING)
  const newest = useRef<{ controller: AbortController, work: CheckWork } | null>(null)
  const abort = (): void => { newest.current?.controller.abort() }
  const run = (work: CheckWork): void => {
    abort()
    const controller = new AbortController()
    newest.current = { controller, work }
    const settle = (next: Partial<State>): void => {
      if (!controller.signal.aborted) setState(last => ({ ...last, isBusy: false, ...next }))
    }
    setState(last => ({ ...last, isBusy: true, error: undefined }))
    work(controller.signal).then(
      checked => { settle({ checked, isStale: false }) }, (error: unknown) => { settle({ error }) }
    )
  }
  useEffect(() => abort, [])
  return { state, setState, run, abort, again: () => { if (newest.current !== null) run(newest.current.work) } }
}

async function readAndCheck (
  client: UsageClient, table: File, { target, productId, schema, reading }: TableToCheck, signal: AbortSignal
): Promise<CheckedTable> {
  const isText = !await isWorkbook(table)
  const isCsv = isText && !/\.(nd)?json$/i.test(table.name)
  const query = readingQuery(reading, isText, isCsv)
  const check = await checkTable(client, target, table, query, signal)
  if (check.valid || !isText || table.size > MAX_EDITABLE_BYTES) return { check, table, query, lines: null }
  return await checkLines(client, await readLines(client, productId, schema, table, query, signal), target, signal)
}

async function checkLines (
  client: UsageClient, lines: Lines, target: Target, signal: AbortSignal
): Promise<CheckedTable> {
  const table = await tableOf(lines)
  return { check: await checkTable(client, target, table, {}, signal), table, query: {}, lines }
}

/** A cell with an empty value is removed from its row. */
function withCell (last: State, index: number, column: string, value: string): State {
  const { checked } = last
  if (checked?.lines == null) return last
  const { categories, rows } = checked.lines
  const { [column]: _before, ...others } = rows[index] ?? {}
  const changed = rows.with(index, value === '' ? others : { ...others, [column]: value })
  return { ...last, checked: { ...checked, lines: { categories, rows: changed } }, isStale: true, error: undefined }
}
