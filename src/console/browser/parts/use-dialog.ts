import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Opens a dialog above the page when its component appears. When the dialog closes, the browser focuses the button that
 * opened it.
 */
export function useDialog (): RefObject<HTMLDialogElement> {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const opened = dialog.current
    opened?.showModal()
    return () => { opened?.close() }
  }, [])
  return dialog
}
