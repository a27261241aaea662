import type { UsageChunk } from '@connect-usage-bff/client'
import { count, plural } from '../format.ts'
import { Chip } from '../parts/chip.tsx'
import { Problem } from '../parts/problem.tsx'
import { useEvents } from '../parts/use-events.ts'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'
import { chunkActions } from './chunk-actions.ts'
import { DownloadForms } from './downloads.tsx'
import { OneActions } from './one-action.tsx'

/** The most chunks that are shown. An accepted file has one chunk for each hub. */
const MAX_CHUNKS = 200

interface ChunksProps {
  fileId: string
  round: string
  /** Is called after an action on a chunk, which may have changed the file, too. */
  onChange: () => void
}

export function Chunks ({ fileId, round, onChange }: ChunksProps) {
  const { data, error, isLoading, reload } = useChunks(fileId, round)
  const moving = data?.filter(({ status }) => status === 'draft') ?? []
  useEvents({
    target: moving.length > 0 ? { chunkId: moving.map(({ id }) => id) } : null, shown: moving, onChange: reload
  })
  const onDone = (): void => {
    reload()
    onChange()
  }
  return (
    <section class='card'>
      <h2>Chunks</h2>
      <p class='muted'>The parts of an accepted file, one for each hub.</p>
      <Problem error={error} what='The chunks cannot be shown' onRetry={reload} />
      {data === undefined && isLoading && <Wait text='Reading the chunks' />}
      {data?.length === 0 &&
        <p>
          Connect has not made a chunk yet. <button type='button' class='slim' onClick={reload}>Look again</button>
        </p>}
      {data?.length === MAX_CHUNKS &&
        <p class='muted'>Only {MAX_CHUNKS} chunks are shown here. The API lists all of them.</p>}
      <div class='two'>{data?.map(chunk => <ChunkCard key={chunk.id} chunk={chunk} onDone={onDone} />)}</div>
    </section>
  )
}

/** Reads the first MAX_CHUNKS chunks of a file, and reads them again when `round` changes. */
export function useChunks (fileId: string, round: string) {
  const { client } = useSession()
  return useLoad(async signal => (await client.GET('/v1/usage-chunks', {
    params: { query: { fileId: [fileId], limit: MAX_CHUNKS } }, signal
  })).data.items, `${fileId} ${round}`)
}

function ChunkCard ({ chunk, onDone }: { chunk: UsageChunk, onDone: () => void }) {
  const { client } = useSession()
  const { id, hub, status, externalId, errorDetail, stats, files, outdated } = chunk
  return (
    <article class='card'>
      <div class='head'><h3>{hub?.name ?? hub?.id ?? 'Without a hub'}</h3><Chip status={status} /></div>
      <p class='small muted'>
        <span class='id'>{id}</span> · {plural(stats.accepted, 'accepted record')} · {count(stats.closed)} closed
        {externalId !== null && ` · id in the hub: ${externalId}`}{outdated && ' · its workbook is outdated'}
      </p>
      {errorDetail !== null && <p class='fault'>{errorDetail}</p>}
      {files.chunk !== null &&
        <DownloadForms
          title='Workbook of the chunk' fileName={id}
          fetch={async format => (await client.GET('/v1/usage-chunks/{chunkId}/file', {
            params: { path: { chunkId: id }, query: { format } }, parseAs: 'blob'
          })).data}
        />}
      <OneActions id={id} actions={chunkActions(chunk)} onDone={onDone} />
    </article>
  )
}
