import type { UsageFile } from '@connect-usage-bff/client'
import { useEffect } from 'preact/hooks'
import { ActionBar } from '../file/action-bar.tsx'
import { Chunks } from '../file/chunks.tsx'
import { CloseRecords } from '../file/close-records.tsx'
import { History } from '../file/history.tsx'
import { Life } from '../file/life.tsx'
import { Overview } from '../file/overview.tsx'
import { Reconciliations } from '../file/reconciliations.tsx'
import { Records } from '../file/records.tsx'
import { RowErrors } from '../file/row-errors.tsx'
import { count } from '../format.ts'
import { Chip } from '../parts/chip.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { useEvents } from '../parts/use-events.ts'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { hrefOf, type Query } from '../route.ts'
import { useSession } from '../session.tsx'

interface FilePageProps {
  fileId: string
  /** The name of the part of the page that is shown, for example `records`. Any unknown name shows the overview. */
  part: string
  query: Query
}

/** The page of one usage file. A part of the page that needs more data reads it when the part is opened. */
export function FilePage ({ fileId, part, query }: FilePageProps) {
  const { client } = useSession()
  const { data: file, error, isLoading, reload, set } = useLoad(async signal => (await client.GET(
    '/v1/usage-files/{fileId}', { params: { path: { fileId } }, signal }
  )).data, fileId)
  const { isStale } = useEvents({
    target: { fileId: [fileId] }, shown: file === undefined ? [] : [file], onChange: reload
  })
  useEffect(() => { document.querySelector<HTMLElement>('main h1')?.focus() }, [file === undefined])
  // The numbers of records in the file change without an event, so the file is read again when another part is shown.
  useEffect(() => { if (file !== undefined) reload() }, [part])
  if (file === undefined) {
    return (
      <>
        <h1 tabIndex={-1}>{fileId}</h1>
        {isLoading && <Wait text='Reading the file' />}
        {!isLoading && <Problem error={error} what='The file cannot be shown' onRetry={reload} />}
      </>
    )
  }
  return (
    <>
      <p><a href={hrefOf(['files'])}>← All files</a></p>
      <div class='head'>
        <h1 tabIndex={-1}>{file.name ?? file.id}</h1>
        <Chip status={file.status} />
        <span class='id muted'>{file.id}</span>
      </div>
      <Problem error={error} what='What you see may be older' onRetry={reload} />
      {isStale && <Note tone='warn'>Connect cannot be asked at the moment. What you see may be older.</Note>}
      <section class='card' aria-label='State'>
        <Life file={file} />
        <Remarks file={file} />
        <ActionBar file={file} onFile={set} />
      </section>
      <Parts file={file} part={part} />
      <Part file={file} part={part} query={query} onFile={set} onChange={reload} />
    </>
  )
}

function Remarks ({ file: { status, errorDetail, rejectionNote, records } }: { file: UsageFile }) {
  return (
    <>
      {errorDetail !== null && errorDetail !== '' && <Note tone='bad'>Connect says: {errorDetail}</Note>}
      {status === 'rejected' && rejectionNote !== null && <Note tone='bad'>Rejected: {rejectionNote}</Note>}
      {status === 'invalid' && errorDetail === null && records !== null &&
        <Note tone='bad'>{count(records.invalid)} of {count(records.valid + records.invalid)} rows have errors.</Note>}
    </>
  )
}

const BILLED: ReadonlyArray<UsageFile['status']> = ['accepted', 'closed']

function Parts ({ file, part }: { file: UsageFile, part: string }) {
  const { may } = useSession()
  const hasErrors = file.status === 'invalid' || (file.records?.invalid ?? 0) > 0
  const parts = [
    ['overview', 'Overview'],
    ['records', 'Records'],
    ...(hasErrors ? [['errors', 'Errors']] : []),
    ...(BILLED.includes(file.status) ? [['chunks', 'Chunks'], ['reconciliations', 'Reconciliations']] : []),
    ...(BILLED.includes(file.status) && may('usage:close') ? [['close', 'Close records']] : []),
    ['history', 'History']
  ] as const
  return (
    <nav class='tabs' aria-label='Parts of the file'>
      {parts.map(([name = '', title]) => (
        <a key={name} href={hrefOf(['files', file.id, name])} aria-current={name === part ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  )
}

interface PartProps extends Omit<FilePageProps, 'fileId'> {
  file: UsageFile
  onFile: (file: UsageFile) => void
  onChange: () => void
}

function Part ({ file, part, query, onFile, onChange }: PartProps) {
  const round = JSON.stringify([file.status, file.stats, file.records])
  switch (part) {
    case 'records': return <Records file={file} query={query} round={round} onChange={onChange} />
    case 'errors': return <RowErrors file={file} />
    case 'chunks': return <Chunks fileId={file.id} round={round} onChange={onChange} />
    case 'reconciliations': return <Reconciliations file={file} />
    case 'close': return <CloseRecords file={file} onFile={onFile} />
    case 'history': return <History file={file} />
    default: return <Overview file={file} />
  }
}
