import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'
import type { Work } from '../writes.ts'

interface ConfirmProps {
  title: string
  /** The words on the button that confirms. */
  verb: string
  isDanger?: boolean
  isReady?: boolean
  work: Work
  onConfirm: () => void
  onClose: () => void
  children: ComponentChildren
}

/**
 * A dialog that asks before an action. It stays until the component that shows it removes it. While the work runs, a
 * person cannot cancel the dialog, because the request may have been sent.
 */
export function Confirm ({
  title, verb, isDanger = false, isReady = true, work, onConfirm, onClose, children
}: ConfirmProps) {
  const id = useId()
  const submit = (event: Event): void => {
    event.preventDefault()
    if (!work.isBusy) onConfirm()
  }
  const cancel = (): void => { if (!work.isBusy) onClose() }
  return (
    <Dialog label={{ id }} isBusy={work.isBusy} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        <Problem error={work.error} what='That did not work' />
        <div class='buttons'>
          <button type='button' aria-disabled={work.isBusy} onClick={cancel}>Cancel</button>
          <button
            type='submit' class={isDanger ? 'danger' : 'primary'} aria-disabled={work.isBusy} disabled={!isReady}
          >
            {work.isBusy ? 'Working…' : verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
