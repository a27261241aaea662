import { cloneElement, type VNode } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  label: string
  hint?: string | undefined
  isWide?: boolean
  /** The control: one input, select or textarea. */
  children: VNode<{ id?: string, 'aria-describedby'?: string | undefined }>
}

/** A label with one control, and a hint that screen readers read with the control. */
export function Field ({ label, hint, isWide = false, children }: FieldProps) {
  const id = useId()
  const hintId = hint === undefined ? undefined : `${id}-hint`
  return (
    <div class={isWide ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      {cloneElement(children, { id, 'aria-describedby': hintId })}
      {hint !== undefined && <span class='hint' id={hintId}>{hint}</span>}
    </div>
  )
}
