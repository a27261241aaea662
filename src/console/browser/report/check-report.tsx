import type { ComponentChildren } from 'preact'
import { count, decimal, money, plural, words } from '../format.ts'
import { Note } from '../parts/problem.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { faultsOf, type Check } from './check.ts'
import { FaultyRows } from './faulty-rows.tsx'
import type { Row } from './rows.ts'

type ItemTotal = Check['totals']['quantityByItem'][number]

const COLUMNS: ReadonlyArray<Column<ItemTotal>> = [
  { title: 'Item', cell: ({ item }) => <span class='id'>{item}</span> },
  { title: 'Rows', isNumber: true, cell: ({ rows }) => count(rows) },
  { title: 'Quantity', isNumber: true, cell: ({ quantity }) => decimal(quantity) }
]

interface CheckReportProps {
  check: Check
  currency?: string | null
  /** The known rows of the table, by their number in a spreadsheet. A faulty cell is shown in its row. */
  rows?: ReadonlyMap<number, Row>
  onCell?: (row: number, column: string, value: string) => void
  /** What stands above the faulty cells, for example buttons to correct them. */
  children?: ComponentChildren
}

export function CheckReport ({ check, currency = null, rows = new Map(), onCell, children }: CheckReportProps) {
  const { valid, rows: { total, invalid }, totals, checks, truncated, problems } = check
  const skipped = checks.filter(({ status }) => status === 'skipped')
  return (
    <>
      {valid
        ? <Note tone='good'>All {plural(total, 'row')} passed the check.</Note>
        : <Note tone='bad'>{count(invalid)} of {plural(total, 'row')} have errors. Nothing was sent to Connect.</Note>}
      {skipped.map(({ name, reason }) => (
        <Note key={name} tone='warn'>
          {name === 'assets' ? 'Subscriptions (assets)' : words(name)} were not checked: {reason ?? 'no reason is told'}
        </Note>
      ))}
      <dl class='figures'>
        <div><dt>Rows</dt><dd>{count(total)}</dd></div>
        <div><dt>Amount</dt><dd>{money(totals.amount, currency)}</dd></div>
        <div><dt>Items</dt><dd>{count(totals.quantityByItem.length)}</dd></div>
      </dl>
      {valid && totals.quantityByItem.length > 0 &&
        <Table
          caption='Quantities by item' columns={COLUMNS} rows={totals.quantityByItem} keyOf={({ item }) => item}
        />}
      {problems.length > 0 &&
        <>
          <h3>{valid ? 'Remarks' : 'Cells to correct'}</h3>
          {children}
          <FaultyRows rows={rows} faults={faultsOf(check)} {...(onCell !== undefined && { onCell })} />
          {truncated && <p class='muted'>These are the first {count(problems.length)} faults.</p>}
        </>}
    </>
  )
}
