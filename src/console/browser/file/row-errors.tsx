import type { Schemas, UsageFile } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { count, plural } from '../format.ts'
import { Download } from '../parts/download.tsx'
import { Pager } from '../parts/pager.tsx'
import { Problem } from '../parts/problem.tsx'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { FaultyRows, type Fault } from '../report/faulty-rows.tsx'
import { hrefOf } from '../route.ts'
import { useSession } from '../session.tsx'
import { rowsFrom, type Row } from '../report/rows.ts'

const LIMIT = 50
/** Rows further down are not looked up in the workbook: only their faulty cells are shown. */
const MAX_LOOKED_UP = 20_000

type RowError = Schemas['RowError']
interface Page { errors: Schemas['RowErrorPage'], rows: ReadonlyMap<number, Row> }

/** What Connect found wrong, beside the cells: rows of the uploaded workbook with their errors. */
export function RowErrors ({ file }: { file: UsageFile }) {
  const { client } = useSession()
  const [offset, setOffset] = useState(0)
  const { data, error, isLoading, reload } = useLoad(async (signal): Promise<Page> => {
    const { data: errors } = await client.GET('/v1/usage-files/{fileId}/row-errors', {
      params: { path: { fileId: file.id }, query: { limit: LIMIT, offset } }, signal
    })
    const numbers = errors.items.map(({ row }) => row).filter(row => row !== null && row < MAX_LOOKED_UP)
    return { errors, rows: await rowsFrom(client, file.id, numbers as number[], signal) }
  }, JSON.stringify([file.id, offset, file.records]))
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
          <p>{plural(data.errors.total, 'error')}. {data.errors.byCode.map(({ code, count: number }) =>
            <span key={code} class='chip bad'>{code ?? 'No code'}: {count(number)}</span>)}
          </p>
          {data.errors.items.some(({ row }) => row !== null && row >= MAX_LOOKED_UP) &&
            <p class='muted'>
              Of rows after row {count(MAX_LOOKED_UP - 1)} only the wrong cells are shown here; the marked workbook has
              all cells.
            </p>}
          <FaultyRows rows={data.rows} faults={data.errors.items.map(toFault)} />
          <Pager {...data.errors} onMove={setOffset} />
        </>}
    </section>
  )
}

function toFault ({ row, recordId, usageRecordId, column, cell, code, message, value }: RowError): Fault {
  const text = [message ?? 'Refused', code].join(' ')
  return { row, column, cell, value, recordId: recordId ?? usageRecordId, isError: true, text }
}
