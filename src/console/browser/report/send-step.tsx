import { newKey } from '@connect-usage-bff/client'
import { bytes, plural } from '../format.ts'
import { Note, Problem } from '../parts/problem.tsx'
import { Progress } from '../parts/progress.tsx'
import { Wait } from '../parts/wait.tsx'
import { hrefOf } from '../route.ts'
import type { Header } from './header.ts'
import { keptTable } from './kept-table.ts'
import type { CheckedTable } from './use-check.ts'
import { nameOfTable, type Sending, type useSending } from './use-sending.ts'

interface SendStepProps {
  sending: ReturnType<typeof useSending>
  header: Header
  checked: CheckedTable | null
}

/** The fourth step of a report: creates the file and uploads the rows. It can go on after an interruption. */
export function SendStep ({ sending, header, checked }: SendStepProps) {
  const { work, sent, interrupted, fileId, forget } = sending
  const isReady = checked?.check.valid === true
  const start = (): void => {
    if (checked === null) return
    const { table, query } = checked
    sending.start({ id: newKey(), header, fileId, query, table: nameOfTable(table) }, table)
  }
  const goOn = (interrupted: Sending): void => {
    const table = keptTable(interrupted.id)
    if (table !== null) sending.start(interrupted, table)
    else start()
  }
  const size = checked?.table.size ?? interrupted?.table.size ?? 0
  return (
    <section class='card'>
      <h2>4. Upload</h2>
      {interrupted !== null && !work.isBusy &&
        <Note tone='warn'>
          <p>The upload of <b>{interrupted.table.name}</b> was interrupted. It can go on, and is done once.</p>
          <p class='buttons'>
            {keptTable(interrupted.id) === null && !isReady
              ? <span>The tab does not keep the file: choose it again above.</span>
              : <button type='button' class='primary' onClick={() => { goOn(interrupted) }}>Go on</button>}
            <button type='button' onClick={() => { forget(interrupted) }}>Forget it</button>
          </p>
        </Note>}
      {!work.isBusy && interrupted === null &&
        <div class='buttons'>
          <button type='button' class='primary' disabled={!isReady} onClick={start}>
            {fileId === null ? 'Create the file and upload' : 'Upload'}
            {isReady && ` ${plural(checked.check.rows.total, 'row')}`}
          </button>
          {!isReady && <span class='muted'>Rows are uploaded when the check finds no error.</span>}
        </div>}
      {work.isBusy &&
        <>
          <Progress label='Bytes that are sent' value={sent} total={size} />
          {sent < size
            ? <p class='wait'>Sending {bytes(sent)} of {bytes(size)}…</p>
            : <Wait text='Connect takes the rows' />}
        </>}
      <Problem error={work.error} what='The upload is not finished' />
    </section>
  )
}

/** A header that can no longer be changed on this page: the report is being sent, or its file is created. */
export function SentHeader ({ sending, header }: Pick<SendStepProps, 'sending' | 'header'>) {
  const { fileId, interrupted, beginAnew } = sending
  return (
    <>
      <p><b>{header.name}</b>, product {header.productId}, {header.from} to {header.to}.</p>
      {fileId === null
        ? <p class='muted'>The file is created with this header.</p>
        : <p>The file <a href={hrefOf(['files', fileId])}>{fileId}</a> has this header. Change it on its page.</p>}
      {interrupted === null &&
        <p><button type='button' onClick={beginAnew}>Begin a new file instead</button></p>}
    </>
  )
}
