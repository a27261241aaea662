import type { UsageFile } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { bytes } from '../format.ts'
import { Field } from '../parts/field.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { TableInput } from '../parts/table-input.tsx'
import { CheckReport } from '../report/check-report.tsx'
import { checkOf, isWorkbook } from '../report/check.ts'
import { useSession } from '../session.tsx'
import { isRefusal, sendOnce, useWork } from '../writes.ts'
import { useChunks } from './chunks.tsx'

const EXAMPLE = 'record_id\texternal_billing_id\texternal_billing_note\nR1\tINV-2026-0001\tOctober'

/** Closes records by a table with their billing ids, for one chunk or for the whole file. */
export function Reconcile ({ file, onDone }: { file: UsageFile, onDone: () => void }) {
  const [chunkId, setChunkId] = useState('')
  const { table, take, isSent, work, send } = useReconciling(file.id, chunkId, onDone)
  const check = checkOf(work.error)
  return (
    <section class='card'>
      <h2>Reconcile</h2>
      <p class='muted'>
        A table with the columns <code>record_id</code>, <code>external_billing_id</code> and{' '}
        <code>external_billing_note</code> closes these records with their billing ids.
      </p>
      <div class='fields'><ChunkField fileId={file.id} chunkId={chunkId} onChunk={setChunkId} /></div>
      <TableInput hint='CSV, XLSX, NDJSON or JSON' example={EXAMPLE} onTable={take} />
      {table !== null &&
        <div class='buttons'>
          <span><b>{table.name}</b> <span class='muted'>{bytes(table.size)}</span></span>
          <button type='button' class='primary' aria-disabled={work.isBusy} onClick={send}>
            {work.isBusy ? 'Sending…' : 'Close these records'}
          </button>
        </div>}
      {isSent && table === null &&
        <Note tone='good'>Sent. Connect closes the records; the list below shows what comes of it.</Note>}
      {check !== null ? <CheckReport check={check} /> : <Problem error={work.error} what={whatOf(work.error)} />}
    </section>
  )
}

interface ChunkFieldProps {
  fileId: string
  chunkId: string
  onChunk: (chunkId: string) => void
}

function ChunkField ({ fileId, chunkId, onChunk }: ChunkFieldProps) {
  const chunks = useChunks(fileId, '')
  return (
    <>
      <Field
        label='Where the record ids are from'
        hint='Rows of a chunk have the ids of the vendor; rows of the file have ids UR-….'
      >
        <select value={chunkId} onChange={event => { onChunk(event.currentTarget.value) }}>
          <option value=''>The processed workbook of the file</option>
          {chunks.data?.map(({ id, hub }) =>
            <option key={id} value={id}>Chunk of {hub?.name ?? 'a hub'} ({id})</option>)}
        </select>
      </Field>
      <Problem error={chunks.error} what='The chunks of the file cannot be shown' onRetry={chunks.reload} />
    </>
  )
}

/** `onDone` is called after each sending, also after a failed one: Connect may have the table all the same. */
function useReconciling (fileId: string, chunkId: string, onDone: () => void) {
  const { client } = useSession()
  const [table, setTable] = useState<File | null>(null)
  const [isSent, setIsSent] = useState(false)
  const work = useWork()
  const reconcile = async (table: File): Promise<void> => {
    const { name, size, lastModified } = table
    await sendOnce(`reconcile ${fileId}`, [chunkId, name, size, lastModified], async idempotencyKey =>
      chunkId === ''
        ? await client.upload('/v1/usage-files/{fileId}/reconciliation', table, {
          params: { path: { fileId } }, idempotencyKey
        })
        // A workbook needs no `chunkId`: its `general` sheet tells which chunk it is for.
        : await client.upload('/v1/reconciliations', table, {
          params: { query: await isWorkbook(table) ? {} : { chunkId } }, idempotencyKey
        })).finally(onDone)
    // While the table is sent, a person may choose the next one.
    setTable(last => last === table ? null : last)
    setIsSent(true)
  }
  const take = (next: File): void => {
    work.clear()
    setTable(next)
  }
  const send = (): void => { if (table !== null) void work.run(async () => { await reconcile(table) }) }
  return { table, take, isSent, work, send }
}

function whatOf (error: unknown): string {
  if (isRefusal(error)) return 'No record was closed'
  return 'Connect may have the table, or not; look at the list below before you send it again'
}
