import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** The dialog is open while its component exists. When it closes, the browser gives the focus back. */
export function useDialog (): RefObject<HTMLDialogElement> {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const opened = dialog.current
    opened?.showModal()
    return () => { opened?.close() }
  }, [])
  return dialog
}
