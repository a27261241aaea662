import type { Billing, RecordOutcome, UsageFile } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { count, plural } from '../format.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { Progress as Bar } from '../parts/progress.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { TextFields, type Texts } from '../parts/text-fields.tsx'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'
import { readTab, removeTab, writeTab } from '../tab-storage.ts'
import { useWork } from '../writes.ts'
import { BILLING_INPUTS, toBilling } from './billing.ts'

/** The most records without a success that are shown. Further ones are only counted. */
const MAX_SHOWN = 1_000
const REFRESH_MS = 200

interface Progress { closed: number, refused: number, unknown: number, failures: readonly RecordOutcome[] }

const NONE: Progress = { closed: 0, refused: 0, unknown: 0, failures: [] }

const COLUMNS: ReadonlyArray<Column<RecordOutcome>> = [
  { title: 'Record', cell: ({ id }) => <span class='id'>{id}</span> },
  { title: 'Outcome', cell: ({ outcome }) => outcome === 'refused' ? 'Not closed' : 'Not known' },
  { title: 'Why', cell: ({ code, message }) => <>{message} <span class='small muted'>{code}</span></> }
]

/** Closes all approved records of a file with one billing id. A person may stop the closing and start it again. */
export function CloseRecords ({ file, onFile }: { file: UsageFile, onFile: (file: UsageFile) => void }) {
  const bulk = useBulkClose(file, onFile)
  const [isAsking, setIsAsking] = useState(false)
  const [values, setValues] = useState<Texts>({ ...bulk.interrupted } as Texts)
  const billing = toBilling(values)
  const open = file.records?.openRecords ?? 0
  const done = bulk.progress.closed + bulk.progress.refused + bulk.progress.unknown
  return (
    <section class='card'>
      <h2>Close records</h2>
      <p class='muted'>
        Each approved record is closed once, with the number of your invoice.{' '}
        {plural(open, 'record')} can be closed now.
      </p>
      {bulk.interrupted !== null && !bulk.work.isBusy &&
        <Note tone='warn'>
          <p>Closing with {bulk.interrupted.externalBillingId} was interrupted. What is closed stays closed.</p>
          <p><button type='button' class='primary' onClick={() => { bulk.start(bulk.interrupted!) }}>Go on</button></p>
        </Note>}
      <BillingForm
        values={values} open={open} bulk={bulk} onValues={setValues} onSubmit={() => { setIsAsking(true) }}
      />
      {isAsking &&
        <Confirm
          title='Close the records' verb={`Close ${plural(open, 'record')}`} work={{ ...bulk.work, isBusy: false }}
          onClose={() => { setIsAsking(false) }} onConfirm={() => {
            setIsAsking(false)
            bulk.start(billing)
          }}
        >
          <p>
            {plural(open, 'record')} of {file.name ?? file.id} are closed with the billing id{' '}
            <b>{billing.externalBillingId}</b>. A closed record stays closed, with this id.
          </p>
        </Confirm>}
      <Report
        progress={bulk.progress} total={Math.max(bulk.total, done)} isBusy={bulk.work.isBusy}
        isDone={!bulk.work.isBusy && bulk.interrupted === null}
      />
      <Problem
        error={bulk.work.error} what='Not all records have an outcome'
        onRetry={() => { bulk.start(bulk.interrupted ?? billing) }}
      />
    </section>
  )
}

interface BillingFormProps {
  values: Texts
  /** The number of records that can be closed now. */
  open: number
  bulk: Pick<ReturnType<typeof useBulkClose>, 'work' | 'stop'>
  onValues: (values: Texts) => void
  onSubmit: () => void
}

function BillingForm ({ values, open, bulk: { work, stop }, onValues, onSubmit }: BillingFormProps) {
  const submit = (event: Event): void => {
    event.preventDefault()
    if (!work.isBusy) onSubmit()
  }
  return (
    <form class='fields' onSubmit={submit}>
      <TextFields inputs={BILLING_INPUTS} values={values} onChange={onValues} />
      <div class='buttons field wide'>
        <button type='submit' class='primary' aria-disabled={work.isBusy} disabled={open === 0}>
          Close {plural(open, 'record')}
        </button>
        {work.isBusy && <button type='button' onClick={stop}>Stop</button>}
      </div>
    </form>
  )
}

interface ReportProps { progress: Progress, total: number, isBusy: boolean, isDone: boolean }

function Report ({ progress: { closed, refused, unknown, failures }, total, isBusy, isDone }: ReportProps) {
  const others = refused + unknown
  const done = closed + others
  if (done === 0 && !isBusy) return null
  return (
    <>
      {done === 0 && <Wait text={`Reading the list of ${plural(total, 'record')}`} />}
      <Bar label='Records with an outcome' value={done} total={total} />
      <dl class='figures'>
        <div><dt>Closed</dt><dd>{count(closed)}</dd></div>
        <div><dt>Not closed</dt><dd>{count(refused)}</dd></div>
        <div><dt>Not known</dt><dd>{count(unknown)}</dd></div>
      </dl>
      {isDone && others === 0 && <Note tone='good'>{plural(closed, 'record')} closed.</Note>}
      {isDone && others > 0 && <Note tone='warn'>{count(closed)} closed, {count(others)} without a success.</Note>}
      {failures.length > 0 &&
        <Table caption='Records that are not closed' columns={COLUMNS} rows={failures} keyOf={({ id }) => id} />}
      {others > failures.length &&
        <p class='muted'>These are the first {count(failures.length)} records without a success.</p>}
    </>
  )
}

/**
 * `interrupted` is the billing data of a bulk close that runs, failed or was stopped. The tab stores it, so that it
 * outlives a reload. `start` begins a bulk close, also for the records that an earlier one left. `stop` aborts it.
 */
function useBulkClose (file: UsageFile, onFile: (file: UsageFile) => void) {
  const { client } = useSession()
  const work = useWork()
  const name = `closing ${file.id}`
  const [interrupted, setInterrupted] = useState(() => readTab<Billing>(name))
  const [progress, setProgress] = useState(NONE)
  const [total, setTotal] = useState(0)
  const controller = useRef<AbortController | null>(null)
  const isGone = useRef(false)
  useEffect(() => () => {
    isGone.current = true
    controller.current?.abort()
  }, [])
  const close = async (billing: Billing, signal: AbortSignal): Promise<void> => {
    let now = NONE
    let shownAt = 0
    try {
      for await (const outcome of client.closeFileRecords(file.id, billing, { signal })) {
        now = add(now, outcome)
        if (Date.now() - shownAt < REFRESH_MS) continue
        shownAt = Date.now()
        setProgress(now)
      }
    } finally {
      setProgress(now)
    }
    removeTab(name)
    setInterrupted(null)
  }
  /** Shows how many records are left, however the bulk close ended; the old number if the file cannot be read. */
  const readAgain = async (): Promise<void> => {
    const params = { path: { fileId: file.id } }
    const answer = await client.GET('/v1/usage-files/{fileId}', { params }).catch(() => null)
    if (answer !== null && !isGone.current) onFile(answer.data)
  }
  const start = (billing: Billing): void => {
    void work.run(async () => {
      controller.current = new AbortController()
      setTotal(file.records?.openRecords ?? 0)
      setProgress(NONE)
      writeTab(name, billing)
      setInterrupted(billing)
      await close(billing, controller.current.signal).finally(() => { void readAgain() })
    })
  }
  return { work, progress, total, interrupted, start, stop: () => { controller.current?.abort() } }
}

function add ({ closed, refused, unknown, failures }: Progress, outcome: RecordOutcome): Progress {
  const isFailure = outcome.outcome !== 'closed'
  return {
    closed: closed + (isFailure ? 0 : 1),
    refused: refused + (outcome.outcome === 'refused' ? 1 : 0),
    unknown: unknown + (outcome.outcome === 'unknown' ? 1 : 0),
    failures: isFailure && failures.length < MAX_SHOWN ? [...failures, outcome] : failures
  }
}
