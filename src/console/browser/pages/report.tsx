import type { UsageFile } from '@connect-usage-bff/client'
import { useEffect, useState } from 'preact/hooks'
import { period } from '../format.ts'
import { Problem } from '../parts/problem.tsx'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import type { Reading, Target } from '../report/check.ts'
import { CheckStep } from '../report/check-step.tsx'
import { HeaderForm } from '../report/header-form.tsx'
import { emptyHeader, isComplete, type Header } from '../report/header.ts'
import { RowsForm } from '../report/rows-form.tsx'
import { SendStep, SentHeader } from '../report/send-step.tsx'
import { UploadedRows } from '../report/uploaded-rows.tsx'
import { useCheck } from '../report/use-check.ts'
import { useSending } from '../report/use-sending.ts'
import { hrefOf } from '../route.ts'
import { useSession } from '../session.tsx'
import { readTab, writeTab } from '../tab-storage.ts'

/** The page that reports usage: in a new file, or with `fileId` new rows for a file that exists. */
export function ReportPage ({ fileId }: { fileId: string | null }) {
  if (fileId === null) return <Report file={null} />
  return <ReportOfFile fileId={fileId} />
}

function ReportOfFile ({ fileId }: { fileId: string }) {
  const { client } = useSession()
  const { data, error, reload } = useLoad(async signal => (await client.GET('/v1/usage-files/{fileId}', {
    params: { path: { fileId } }, signal
  })).data, fileId)
  if (data !== undefined) return <Report file={data} />
  return (
    <>
      <h1 tabIndex={-1}>Upload rows</h1>
      {error === undefined && <Wait text='Reading the file' />}
      <Problem error={error} what='The file cannot be shown' onRetry={reload} />
    </>
  )
}

const READING: Reading = { decimal: 'point', itemBy: 'item.mpn', assetBy: 'asset.id' }

/** The four steps of a report: what the usage is for, the rows, the check, and the upload. */
function Report ({ file }: { file: UsageFile | null }) {
  const sending = useSending(file?.id ?? null)
  const [header, setHeader] = useState(() =>
    sending.interrupted?.header ?? headerOf(file) ?? readTab<Header>('header') ?? emptyHeader())
  const { table, setTable, reading, setReading, target, checking } = useRows(file, header)
  const { productId, schema } = header
  useEffect(() => { if (file === null) writeTab('header', header) }, [header])
  const isSent = sending.fileId !== null || sending.interrupted !== null
  return (
    <>
      <h1 tabIndex={-1}>{file === null ? 'Report usage' : `Upload rows: ${file.name ?? file.id}`}</h1>
      <section class='card'>
        <h2>1. What it is for</h2>
        {file !== null &&
          <p>{file.product?.name}, {period(file.period)}. <a href={hrefOf(['files', file.id])}>The file</a></p>}
        {file === null && isSent && <SentHeader sending={sending} header={header} />}
        {file === null && !isSent &&
          <HeaderForm header={header} onChange={changes => { setHeader({ ...header, ...changes }) }} />}
      </section>
      <section class='card'>
        <h2>2. The rows</h2>
        <RowsForm
          product={schema === '' ? null : { id: productId, schema }} table={table} reading={reading} onTable={setTable}
          onReading={setReading}
        />
        {file?.files?.uploaded != null &&
          <UploadedRows
            file={file} onLines={lines => {
              setTable(null)
              checking.checkLines(lines, target)
            }}
          />}
      </section>
      <CheckStep
        checking={checking} table={table} hasHeader={isComplete(header)} currency={header.currency} target={target}
      />
      <SendStep sending={sending} header={header} checked={checking.ready} />
    </>
  )
}

/** The chosen table, how the service reads it, and its check. A corrected cell alone does not start the check. */
function useRows (file: UsageFile | null, header: Header) {
  const [reading, setReading] = useState(READING)
  const [table, setTable] = useState<File | null>(null)
  const checking = useCheck()
  const hasHeader = isComplete(header)
  const { productId, schema, from, to } = header
  const target: Target = file === null
    ? { productId, schema: schema as Exclude<typeof schema, ''>, from, to }
    : { fileId: file.id }
  const check = (): void => {
    if (table === null || !hasHeader) return
    checking.check(table, { target, productId, schema: schema === '' ? 'qt' : schema, reading })
  }
  // After a change of the period, corrected rows stay and are checked again.
  useEffect(() => {
    const lines = checking.checked?.lines ?? null
    if (!hasHeader) checking.expire()
    else if (lines !== null) checking.checkLines(lines, target)
    else check()
  }, [hasHeader, from, to])
  // Another table, product or schema, or another way to read the table, replaces corrected rows. So this effect must
  // come after the one above.
  useEffect(() => {
    if (table === null) return
    checking.forget()
    check()
  }, [table, reading, productId, schema])
  return { table, setTable, reading, setReading, target, checking }
}

function headerOf (file: UsageFile | null): Header | null {
  if (file === null) return null
  return {
    productId: file.product?.id ?? '',
    contractId: file.contract?.id ?? '',
    schema: schemaOf(file),
    name: file.name ?? file.id,
    from: file.period?.from ?? '',
    to: file.period?.to ?? '',
    currency: file.currency ?? '',
    externalId: file.externalId ?? '',
    note: file.note ?? ''
  }
}

/** Gives the schema of a file. When Connect shows none, gives `qt`, which needs the fewest columns. */
function schemaOf (file: UsageFile | null): 'qt' | 'pr' | 'cr' | 'tr' {
  return file?.schema ?? 'qt'
}
