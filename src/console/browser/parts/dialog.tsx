import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  /** The name of the dialog, or the id of the element in it that shows the name. */
  label: { text: string } | { id: string }
  /** A person cannot close a busy dialog. */
  isBusy?: boolean
  /** Is called when a person wants to close the dialog. The component that shows the dialog then removes it. */
  onClose: () => void
  children: ComponentChildren
}

/** A modal dialog. It is open while it exists. When it is removed, the browser gives the focus back. */
export function Dialog ({ label, isBusy = false, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const opened = dialog.current
    opened?.showModal()
    return () => { opened?.close() }
  }, [])
  // The browser must not close the dialog itself. Its `close` event comes later than the next key, which may have
  // opened the dialog again.
  const cancel = (event: Event): void => {
    event.preventDefault()
    if (!isBusy) onClose()
  }
  // Browsers without `closedby` may close a dialog at the second Escape all the same. A removed dialog has this event,
  // too.
  const closed = (): void => {
    if (dialog.current === null) return
    if (isBusy) dialog.current.showModal()
    else onClose()
  }
  return (
    <dialog
      ref={dialog} aria-label={'text' in label ? label.text : undefined}
      aria-labelledby={'id' in label ? label.id : undefined} closedBy={isBusy ? 'none' : 'closerequest'}
      onCancel={cancel} onClose={closed}
    >
      {children}
    </dialog>
  )
}
