import { Table, type Column } from '../parts/table.tsx'
import { FIRST_ROW, type Row } from './rows.ts'

/** A fault of a row or a cell, found by the check of the service or by Connect. */
export interface Fault {
  /** The number of the row in a spreadsheet, where the header is row 1; null when it is not known. */
  row: number | null
  /** The column of the fault; null when the fault is of the whole row, or the column is not known. */
  column: string | null
  cell: string | null
  recordId: string | null
  value: string | null
  text: string
  /** True for an error, which Connect refuses. False for a warning: whether Connect refuses it is not known. */
  isError: boolean
}

interface FaultyRow { key: string, number: number | null, recordId: string | null, row: Row, faults: readonly Fault[] }

interface FaultyRowsProps {
  /** The rows by number, as far as they are known. Of other rows only the faulty cells are shown. */
  rows: ReadonlyMap<number, Row>
  faults: readonly Fault[]
  /** Takes the new value of a faulty cell. When absent, the cells cannot be changed; the header never can. */
  onCell?: (row: number, column: string, value: string) => void
}

export function FaultyRows ({ rows, faults, onCell }: FaultyRowsProps) {
  const shown = groupByRow(rows, faults)
  return (
    <Table
      caption='Rows with errors' columns={columnsOf(shown, onCell)} rows={shown} keyOf={({ key }) => key}
      empty='No row has an error.'
    />
  )
}

function groupByRow (rows: ReadonlyMap<number, Row>, faults: readonly Fault[]): FaultyRow[] {
  const groups = new Map<string, FaultyRow & { faults: Fault[] }>()
  for (const fault of faults) {
    const key = String(fault.row ?? fault.recordId)
    const group = groups.get(key) ?? {
      key,
      number: fault.row,
      recordId: fault.recordId,
      row: fault.row === null ? {} : rows.get(fault.row) ?? {},
      faults: []
    }
    group.faults.push(fault)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function columnsOf (shown: readonly FaultyRow[], onCell: FaultyRowsProps['onCell']): ReadonlyArray<Column<FaultyRow>> {
  const names = new Set(shown.flatMap(({ row, faults }) => [
    ...Object.keys(row), ...faults.map(({ column }) => column).filter(column => column !== null)
  ]))
  return [
    {
      title: 'Row',
      isNumber: true,
      cell: ({ number, recordId, faults }) => (
        <>
          {number ?? recordId ?? '–'}
          {faults.filter(({ column }) => column === null).map(fault => <FaultText key={fault.text} fault={fault} />)}
        </>
      )
    },
    ...[...names].map((name): Column<FaultyRow> => ({
      title: name, cell: shownRow => <Cell name={name} shown={shownRow} onCell={onCell} />
    }))
  ]
}

interface CellProps { name: string, shown: FaultyRow, onCell: FaultyRowsProps['onCell'] }

function Cell ({ name, shown: { number, row, faults }, onCell }: CellProps) {
  const own = faults.filter(({ column }) => column === name)
  const isEditable = onCell !== undefined && number !== null && number >= FIRST_ROW
  // Where cells can be corrected, an absent value is an empty cell. Elsewhere the row may not be known, so the value of
  // the fault is shown.
  const value = row[name] ?? (isEditable ? '' : own[0]?.value ?? '')
  if (own.length === 0) return <>{value}</>
  const id = `fault-${number ?? ''}-${name}`
  return (
    <div class={own.some(({ isError }) => isError) ? 'faulty' : 'doubtful'}>
      {isEditable
        ? <input
            value={value} aria-label={`${name} of row ${number}`} aria-invalid='true' aria-describedby={id}
            onChange={event => { onCell(number, name, event.currentTarget.value) }}
          />
        : <b>{value === '' ? '(empty)' : value}</b>}
      <span id={id}>{own.map(fault => <FaultText key={fault.text} fault={fault} />)}</span>
    </div>
  )
}

function FaultText ({ fault: { text, isError, cell } }: { fault: Fault }) {
  return <span class='fault'>{isError ? '' : 'Perhaps: '}{text}{cell !== null && ` (${cell})`}</span>
}
