import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Problem } from './problem.tsx'
import { useDialog } from './use-dialog.ts'
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
 * Asks before something is done. The dialog stays open until the work has succeeded, and shows what went wrong. While
 * the work runs, the dialog cannot be cancelled: the request is on its way.
 */
export function Confirm ({
  title, verb, isDanger = false, isReady = true, work, onConfirm, onClose, children
}: ConfirmProps) {
  const dialog = useDialog()
  const id = useId()
  const submit = (event: Event): void => {
    event.preventDefault()
    onConfirm()
  }
  return (
    <dialog
      ref={dialog} aria-labelledby={id} onClose={onClose}
      onCancel={event => { if (work.isBusy) event.preventDefault() }}
    >
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        <Problem error={work.error} what='That did not work' />
        <div class='buttons'>
          <button type='button' disabled={work.isBusy} onClick={onClose}>Cancel</button>
          <button type='submit' class={isDanger ? 'danger' : 'primary'} disabled={work.isBusy || !isReady}>
            {work.isBusy ? 'Working…' : verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}
