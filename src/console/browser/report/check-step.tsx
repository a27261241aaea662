import { plural } from '../format.ts'
import { Download } from '../parts/download.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'
import { CheckReport } from './check-report.tsx'
import { markTable, type Target } from './check.ts'
import { FIRST_ROW, tableOf } from './rows.ts'
import type { CheckedTable, useCheck } from './use-check.ts'

interface CheckStepProps {
  checking: ReturnType<typeof useCheck>
  table: File | null
  hasHeader: boolean
  currency: string
  target: Target
}

/** The third step of a report: shows the check of the rows, and lets a person correct the faulty cells. */
export function CheckStep ({ checking, table, hasHeader, currency, target }: CheckStepProps) {
  const { checked, isStale, isBusy, error, setCell, checkLines, again } = checking
  const lines = checked?.lines ?? null
  const rows = lines?.rows
  const shown = new Map(checked?.check.problems.flatMap(({ row }) =>
    row === null || rows?.[row - FIRST_ROW] === undefined ? [] : [[row, rows[row - FIRST_ROW]!] as const]))
  return (
    <section class='card'>
      <h2>3. Check</h2>
      {checked === null && table === null && <p class='muted'>Rows are checked before anything is sent to Connect.</p>}
      {table !== null && !hasHeader &&
        <p class='muted'>Choose a product, a contract, a name and a period first.</p>}
      {isBusy && <Wait text='Checking the rows' />}
      <Problem error={error} what='The rows cannot be checked' onRetry={again} />
      {checked !== null && isStale && !isBusy &&
        <Note tone='warn'>Something has changed since this check. Check the rows again before you upload them.</Note>}
      {checked !== null && !isBusy &&
        <CheckReport
          check={checked.check} currency={currency === '' ? null : currency} rows={shown}
          {...(lines !== null && { onCell: setCell })}
        >
          <p class='muted'>
            {lines === null
              ? 'Correct the cells in your file or in the marked workbook, and choose it above.'
              : 'Correct the marked cells here, or in the marked workbook.'}
          </p>
          <div class='buttons'>
            {lines !== null &&
              <button
                type='button' class='primary' disabled={!hasHeader} onClick={() => { checkLines(lines, target) }}
              >
                Check {plural(lines.rows.length, 'row')} again
              </button>}
            {hasHeader && <MarkedWorkbook name={table?.name ?? 'rows'} checked={checked} target={target} />}
          </div>
        </CheckReport>}
    </section>
  )
}

interface MarkedWorkbookProps {
  /** The name of the workbook begins with this name, without its ending. */
  name: string
  checked: CheckedTable
  target: Target
}

/** A button that downloads the rows as they are now, as a workbook with the faulty cells marked. */
function MarkedWorkbook ({ name, checked: { table, query, lines }, target }: MarkedWorkbookProps) {
  const { client } = useSession()
  return (
    <Download
      label='Marked workbook (XLSX)' title='Marked workbook (XLSX): all rows with the wrong cells marked'
      fileName={`${name.replace(/\.\w+$/, '')}-marked.xlsx`}
      fetch={async () => await markTable(client, target, lines === null ? table : await tableOf(lines), query)}
    />
  )
}
