import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  title: string
  cell: (row: Row) => ComponentChildren
  isNumber?: boolean
  /** Whether the column has the actions on a row. Such a column stays in sight when the table scrolls. */
  isActions?: boolean
  /** The field by which the service sorts the list for this column; absent: the column cannot be sorted. */
  sort?: string
}

interface TableProps<Row> {
  caption: string
  columns: ReadonlyArray<Column<Row>>
  rows: readonly Row[]
  keyOf: (row: Row) => string
  isBusy?: boolean
  /** The text of a table without rows. Default: `Nothing here.` */
  empty?: string
  /** The field by which the rows are sorted, for example `createdAt`; `-createdAt` for descending. */
  sort?: string
  onSort?: (sort: string) => void
}

/** A table that scrolls inside its frame, also by keyboard. Its head stays in sight. */
export function Table<Row> ({
  caption, columns, rows, keyOf, isBusy = false, empty = 'Nothing here.', sort, onSort
}: TableProps<Row>) {
  return (
    <div class='scroll' role='region' aria-label={caption} tabIndex={0} aria-busy={isBusy}>
      <table>
        <caption class='visually-hidden'>{caption}</caption>
        <thead>
          <tr>{columns.map(column => <Head key={column.title} column={column} sort={sort} onSort={onSort} />)}</tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)}>
              {columns.map(column => <td key={column.title} class={styleOf(column)}>{column.cell(row)}</td>)}
            </tr>
          ))}
          {rows.length === 0 && <tr><td class='empty' colSpan={columns.length}>{empty}</td></tr>}
        </tbody>
      </table>
    </div>
  )
}

function styleOf ({ isNumber, isActions }: Pick<Column<never>, 'isNumber' | 'isActions'>): string {
  if (isActions === true) return 'acts'
  return isNumber === true ? 'number' : ''
}

export function Named ({ name, id }: { name: string, id: string | null }) {
  return <>{name}<br /><span class='id small muted'>{id}</span></>
}

interface HeadProps<Row> {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}

function Head<Row> ({ column, sort, onSort }: HeadProps<Row>) {
  const { title, sort: field } = column
  const style = styleOf(column)
  if (field === undefined || onSort === undefined) return <th scope='col' class={style}>{title}</th>
  const isHere = sort === field || sort === `-${field}`
  const isDown = sort === `-${field}`
  return (
    <th scope='col' class={style} aria-sort={!isHere ? 'none' : isDown ? 'descending' : 'ascending'}>
      <button type='button' onClick={() => { onSort(isHere && isDown ? field : `-${field}`) }}>
        {title} <span aria-hidden='true'>{!isHere ? '↕' : isDown ? '↓' : '↑'}</span>
      </button>
    </th>
  )
}
