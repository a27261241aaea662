import type { Reconciliation, UsageFile } from '@connect-usage-bff/client'
import { moment } from '../format.ts'
import { Chip } from '../parts/chip.tsx'
import { Problem } from '../parts/problem.tsx'
import { useEvents } from '../parts/use-events.ts'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'
import { DownloadForms, type Form } from './downloads.tsx'
import { Reconcile } from './reconcile.tsx'

const MAX_RECONCILIATIONS = 100

export function Reconciliations ({ file }: { file: UsageFile }) {
  const { client, may } = useSession()
  const { data, error, isLoading, reload } = useLoad(async signal => (await client.GET('/v1/reconciliations', {
    params: { query: { fileId: [file.id], limit: MAX_RECONCILIATIONS } }, signal
  })).data.items, file.id)
  const moving = data?.filter(({ status }) => status !== 'processed' && status !== 'failed') ?? []
  useEvents({
    target: moving.length > 0 ? { reconciliationId: moving.map(({ id }) => id) } : null, shown: moving, onChange: reload
  })
  return (
    <>
      {file.actions.includes('reconcile') && may('usage:close') && <Reconcile file={file} onDone={reload} />}
      <section class='card'>
        <h2>Reconciliations</h2>
        <Problem error={error} what='The reconciliations cannot be shown' onRetry={reload} />
        {data === undefined && isLoading && <Wait text='Reading the reconciliations' />}
        {data?.length === 0 && <p class='muted'>There is no reconciliation of this file yet.</p>}
        {data?.length === MAX_RECONCILIATIONS &&
          <p class='muted'>Only {MAX_RECONCILIATIONS} reconciliations are shown here. The API lists all of them.</p>}
        <div class='two'>{data?.map(one => <ReconciliationCard key={one.id} reconciliation={one} />)}</div>
      </section>
    </>
  )
}

function ReconciliationCard ({ reconciliation }: { reconciliation: Reconciliation }) {
  const { client } = useSession()
  const { id, status, note, processingNote, errorDetail, createdAt, files, chunkId } = reconciliation
  const params = (format: Form) => ({ path: { reconciliationId: id }, query: { format } })
  return (
    <article class='card'>
      <div class='head'><h3 class='id'>{id}</h3><Chip status={status} /></div>
      <p class='small muted'>
        {moment(createdAt)} UTC{chunkId !== null && ` · chunk ${chunkId}`}{note !== null && ` · ${note}`}
      </p>
      {processingNote !== null && <p>{processingNote}</p>}
      {errorDetail !== null && <p class='fault'>{errorDetail}</p>}
      <DownloadForms
        title='As it was sent' fileName={`${id}-uploaded`}
        fetch={async format => (await client.GET('/v1/reconciliations/{reconciliationId}/files/uploaded', {
          params: params(format), parseAs: 'blob'
        })).data}
      />
      {files.processed !== null &&
        <DownloadForms
          title='What came of it' fileName={`${id}-processed`}
          fetch={async format => (await client.GET('/v1/reconciliations/{reconciliationId}/files/processed', {
            params: params(format), parseAs: 'blob'
          })).data}
        />}
    </article>
  )
}
