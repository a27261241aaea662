import type { UsageClient } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { Confirm } from '../parts/confirm.tsx'
import { TextFields, type TextInput, type Texts } from '../parts/text-fields.tsx'
import { useSession } from '../session.tsx'
import { pendingWrites, sendOnce, useWork } from '../writes.ts'

/** An action on one record or on one chunk. A dialog asks before it is sent. */
export interface OneAction {
  /** The name of the action, for example `close`. It is a part of the name under which the tab stores the write. */
  name: string
  label: string
  isDanger?: true
  /** The text of the dialog: what the action does. */
  explain: string
  inputs?: readonly TextInput[]
  values?: Texts
  send: (client: UsageClient, values: Texts, idempotencyKey: string) => Promise<unknown>
}

interface OneActionsProps {
  /** The id of the record or of the chunk. */
  id: string
  actions: readonly OneAction[]
  /** Is called after the success of an action, so that the page shows what has changed. */
  onDone: () => void
}

/** Buttons for the actions on a record or a chunk, and the dialog of the chosen action. */
export function OneActions ({ id, actions, onDone }: OneActionsProps) {
  const [open, setOpen] = useState<OneAction | null>(null)
  if (actions.length === 0 && open === null) return null
  return (
    <div class='buttons' role='group' aria-label={`What can be done with ${id}`}>
      {actions.map(action => (
        <button
          key={action.name} type='button' class={action.isDanger === true ? 'slim danger' : 'slim'}
          aria-label={`${action.label}: ${id}`}
          onClick={() => { setOpen(action) }}
        >{action.label}
        </button>
      ))}
      {open !== null && <ActionDialog id={id} action={open} onDone={onDone} onClose={() => { setOpen(null) }} />}
    </div>
  )
}

interface ActionDialogProps {
  id: string
  action: OneAction
  onDone: () => void
  onClose: () => void
}

/**
 * The dialog of an action on a record or a chunk. When the same action was sent before and its outcome is not known,
 * the inputs begin with the texts of that time: the same write then has the same Idempotency-Key.
 */
function ActionDialog ({ id, action, onDone, onClose }: ActionDialogProps) {
  const { name, label, explain, inputs = [], isDanger = false, send } = action
  const { client } = useSession()
  const work = useWork()
  const write = `${name} ${id}`
  const [values, setValues] = useState<Texts>(() =>
    pendingWrites().find(one => one.name === write)?.body as Texts | undefined ?? action.values ?? {})
  const act = async (): Promise<void> => {
    await sendOnce(write, values, async key => await send(client, values, key))
    onClose()
    onDone()
  }
  return (
    <Confirm
      title={`${label}: ${id}`} verb={label} isDanger={isDanger} work={work} onClose={onClose}
      onConfirm={() => { void work.run(act) }}
    >
      <p>{explain}</p>
      <TextFields inputs={inputs} values={values} onChange={setValues} />
    </Confirm>
  )
}
