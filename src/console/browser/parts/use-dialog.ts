import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Opens a dialog with its component. When it closes, the browser focuses the control that opened it. */
export function useDialog (): RefObject<HTMLDialogElement> {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const opened = dialog.current
    opened?.showModal()
    return () => { opened?.close() }
  }, [])
  return dialog
}
