import type { UsageFile } from '@connect-usage-bff/client'
import { moment } from '../format.ts'

interface Step {
  title: string
  /** The type of the event whose time is shown at this step. */
  event: string
}

const STEPS: readonly Step[] = [
  { title: 'Draft', event: 'created' },
  { title: 'Checked by Connect', event: 'uploaded' },
  { title: 'Ready', event: 'validated' },
  { title: 'Submitted', event: 'submitted' },
  { title: 'Accepted', event: 'accepted' },
  { title: 'Closed', event: 'closed' }
]

/** The step (from 0) of each status. `title` replaces the title of that step; `isBad`: the step is marked with `!`. */
const PLACES: Readonly<Record<NonNullable<UsageFile['status']>, { step: number, title?: string, isBad?: true }>> = {
  draft: { step: 0 },
  uploading: { step: 1, title: 'Being uploaded' },
  uploaded: { step: 1, title: 'Uploaded' },
  processing: { step: 1, title: 'Being checked by Connect' },
  invalid: { step: 2, title: 'Rows with errors', isBad: true },
  ready: { step: 2 },
  pending: { step: 3, title: 'Waits for the provider' },
  accepted: { step: 4 },
  rejected: { step: 4, title: 'Rejected', isBad: true },
  closed: { step: 5 },
  deleted: { step: 0, title: 'Deleted', isBad: true }
}

/** Shows at which step of its life a usage file is: as a picture, and as a list of steps for screen readers. */
export function Life ({ file: { status, events } }: { file: UsageFile }) {
  if (status === null) return <p class='muted'>The status of the file is not known.</p>
  const place = PLACES[status]
  return (
    <ol class='life' aria-label='Life of the file' tabIndex={0}>
      {STEPS.map(({ title, event }, step) => {
        const isHere = step === place.step
        const isDone = step < place.step || status === 'closed'
        const at = step > place.step ? undefined : events.findLast(({ type }) => type === event)?.at
        return (
          <li
            key={title} class={lookOf(isHere, isDone, place.isBad)} aria-current={isHere ? 'step' : undefined}
            data-mark={isHere && place.isBad === true ? '!' : isDone ? '✓' : step + 1}
          >
            <b>{isHere ? place.title ?? title : title}</b>
            <span class='visually-hidden'>{isHere ? ', the present step' : isDone ? ', done' : ', to come'}</span>
            {at !== undefined && at !== null && <span>{moment(at)}</span>}
          </li>
        )
      })}
    </ol>
  )
}

function lookOf (isHere: boolean, isDone: boolean, isBad = false): string {
  return [isDone && !isHere && 'done', isHere && (isDone ? 'here done' : 'here'), isHere && isBad && 'bad']
    .filter(Boolean).join(' ')
}
