import type { Schemas, UsageFile } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { count, plural } from '../format.ts'
import { Download } from '../parts/download.tsx'
import { Pager } from '../parts/pager.tsx'
import { Problem } from '../parts/problem.tsx'
import { useLoad, type Loaded } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { FaultyRows, type Fault } from '../report/faulty-rows.tsx'
import { hrefOf } from '../route.ts'
import { useSession } from '../session.tsx'
import { rowsOf, type Row } from '../report/rows.ts'

const LIMIT = 50
/** The most errors in one response: many, because the service collects all errors of the file for each response. */
const BLOCK = 1_000
/** Rows from this number on are not read from the workbook. Only their faulty cells are shown. */
const MAX_LOOKED_UP = 20_000

type RowError = Schemas['RowError']

/** Reads the errors, then their rows in the uploaded workbook. The page shows the errors while the rows are read. */
function useRowErrors (file: UsageFile, offset: number) {
  const { client } = useSession()
  const errors = useLoad(async signal => (await client.GET('/v1/usage-files/{fileId}/row-errors', {
    params: { path: { fileId: file.id }, query: { limit: BLOCK, offset } }, signal
  })).data, JSON.stringify([file.id, offset, file.records]))
  const wanted = errors.data?.items.filter(({ row }) => (row ?? 0) < MAX_LOOKED_UP) ?? []
  const rows = useLoad(async signal => await rowsOf(wanted, client, file.id, signal), JSON.stringify(wanted))
  return { errors, rows }
}

const NO_ROWS: ReadonlyMap<number, Row> = new Map()

/** Shows the rows of the uploaded workbook in which Connect found errors, with the errors beside the cells. */
export function RowErrors ({ file }: { file: UsageFile }) {
  const { client } = useSession()
  const [offset, setOffset] = useState(0)
  const from = Math.floor(offset / BLOCK) * BLOCK
  const { errors: { data, error, isLoading, reload }, rows } = useRowErrors(file, from)
  return (
    <section class='card'>
      <div class='head'>
        <h2>Rows with errors</h2>
        <div class='buttons'>
          {file.actions.includes('upload') &&
            <a class='button primary' href={hrefOf(['report', file.id])}>Correct the rows</a>}
          <Download
            label='Marked workbook (XLSX)' title='Marked workbook (XLSX): the uploaded one with the wrong cells marked'
            fileName={`${file.id}-marked.xlsx`}
            fetch={async () => (await client.GET('/v1/usage-files/{fileId}/row-errors', {
              params: { path: { fileId: file.id }, query: { format: 'xlsx' } }, parseAs: 'blob'
            })).data}
          />
        </div>
      </div>
      <Problem error={error} what='The errors cannot be shown' onRetry={reload} />
      {data === undefined && isLoading && <Wait text='Reading what Connect found' />}
      {data !== undefined &&
        <>
          <p>{plural(data.total, 'error')}. {data.byCode.map(({ code, count: number }) =>
            <span key={code} class='chip bad'>{code ?? 'No code'}: {count(number)}</span>)}
          </p>
          {data.offset === from
            ? <Rows errors={data.items.slice(offset - from, offset - from + LIMIT)} rows={rows} />
            : <Wait text='Reading more of what Connect found' />}
          <Pager total={data.total} limit={LIMIT} offset={offset} onMove={setOffset} />
        </>}
    </section>
  )
}

function Rows ({ errors, rows }: { errors: readonly RowError[], rows: Loaded<ReadonlyMap<number, Row>> }) {
  return (
    <>
      {errors.some(({ row }) => row !== null && row >= MAX_LOOKED_UP) &&
        <p class='muted'>
          Of rows after row {count(MAX_LOOKED_UP - 1)} only the wrong cells are shown here; the marked workbook has all
          cells.
        </p>}
      <Problem error={rows.error} what='The other cells of the rows cannot be shown' onRetry={rows.reload} />
      {rows.isLoading && <Wait text='Reading the other cells of the rows' />}
      <FaultyRows rows={rows.data ?? NO_ROWS} faults={errors.map(toFault)} />
    </>
  )
}

function toFault ({ row, recordId, usageRecordId, column, cell, code, message, value }: RowError): Fault {
  const text = [message ?? 'Refused', code].join(' ')
  return { row, column, cell, value, recordId: recordId ?? usageRecordId, isError: true, text }
}
