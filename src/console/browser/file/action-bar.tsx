import type { UsageFile } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { plural } from '../format.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Field } from '../parts/field.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { goTo, hrefOf } from '../route.ts'
import { useSession } from '../session.tsx'
import { forgetWrite, pendingWrites, sendOnce, useWork } from '../writes.ts'
import { ACTIONS, isAsked, isLink, LINKS, type Action, type AskedAction } from './actions.ts'
import { EditHeader } from './edit-header.tsx'
import { Totals } from './totals.tsx'

interface ActionBarProps {
  file: UsageFile
  onFile: (file: UsageFile) => void
}

/** A button or a link for each action that the service allows on the file now, and the dialog of the chosen action. */
export function ActionBar ({ file, onFile }: ActionBarProps) {
  const [open, setOpen] = useState<Action | null>(null)
  const { client } = useSession()
  const work = useWork()
  const isGone = useRef(false)
  useEffect(() => () => { isGone.current = true }, [])
  const act = async (action: AskedAction, note: string): Promise<void> => {
    const { send } = ACTIONS[action]
    const next = await sendOnce(`${action} ${file.id}`, note, async key => await send(client, file.id, note, key))
    if (isGone.current) return
    setOpen(null)
    if (next === null) goTo(hrefOf(['files']))
    else onFile(next)
  }
  const close = (): void => {
    work.clear()
    setOpen(null)
  }
  return (
    <>
      <div class='buttons' role='group' aria-label='What can be done now'>
        {inOrder(file.actions).map(action =>
          <ActionButton key={action} action={action} fileId={file.id} onOpen={setOpen} />)}
        {file.actions.length === 0 && <span class='muted'>Nothing can be done to this file now.</span>}
      </div>
      <UnfinishedActions fileId={file.id} act={act} />
      {open === 'update' && <EditHeader file={file} onFile={onFile} onClose={close} />}
      {open !== null && isAsked(open) &&
        <ActionDialog
          action={open} file={file} work={work} onClose={close}
          onConfirm={note => { void work.run(async () => { await act(open, note) }) }}
        />}
    </>
  )
}

/** Gives the actions in the order of their buttons: main actions first; those that delete or reject last. */
function inOrder (actions: readonly Action[]): readonly Action[] {
  const weight = (action: Action): number =>
    ['primary', '', 'danger'].indexOf(isAsked(action) ? ACTIONS[action].tone : '')
  return actions.toSorted((a, b) => weight(a) - weight(b))
}

interface UnfinishedProps {
  fileId: string
  act: (action: AskedAction, note: string) => Promise<void>
}

/**
 * The first action on the file that was interrupted, for example by a reload, is sent again at once with the same
 * Idempotency-Key. Actions that failed, and that may have been done all the same, are shown. A person decides whether
 * they are sent again: they may not be wanted any more.
 */
function UnfinishedActions ({ fileId, act }: UnfinishedProps) {
  const { run, clear, isBusy, error } = useWork()
  const send = ({ action, note }: UnfinishedAction): void => { void run(async () => { await act(action, note) }) }
  useEffect(() => {
    const interrupted = unfinishedActions(fileId).find(({ hasFailed }) => !hasFailed)
    if (interrupted !== undefined) send(interrupted)
  }, [])
  if (isBusy) return <Note>An action that was interrupted is being finished.</Note>
  return (
    <>
      <Problem error={error} what='The action did not work' />
      {unfinishedActions(fileId).filter(({ hasFailed }) => hasFailed).map(write => (
        <Note key={write.name} tone='warn'>
          <p>
            <b>{ACTIONS[write.action].label}</b> has no known outcome: it may have been done, or not. Sent again with
            the same key, it is not done twice.
          </p>
          <p class='buttons'>
            <button type='button' class='primary' onClick={() => { send(write) }}>Send it again</button>
            <button
              type='button' onClick={() => {
                forgetWrite(write.name)
                // The new state makes Preact show the actions again, without the forgotten one.
                clear()
              }}
            >Forget it
            </button>
          </p>
        </Note>
      ))}
    </>
  )
}

interface UnfinishedAction { name: string, action: AskedAction, note: string, hasFailed: boolean }

function unfinishedActions (fileId: string): readonly UnfinishedAction[] {
  return pendingWrites().flatMap(({ name, body, hasFailed = false }) => {
    const [action = '', id] = name.split(' ')
    return id === fileId && isAsked(action) ? [{ name, action, note: String(body), hasFailed }] : []
  })
}

interface ActionButtonProps {
  action: Action
  fileId: string
  onOpen: (action: Action) => void
}

function ActionButton ({ action, fileId, onOpen }: ActionButtonProps) {
  if (isLink(action)) return <a class='button' href={LINKS[action].href(fileId)}>{LINKS[action].label}</a>
  const { label, tone } = isAsked(action) ? ACTIONS[action] : { label: 'Change the header', tone: '' }
  return <button type='button' class={tone} onClick={() => { onOpen(action) }}>{label}</button>
}

interface ActionDialogProps {
  action: AskedAction
  file: UsageFile
  work: ReturnType<typeof useWork>
  onConfirm: (note: string) => void
  onClose: () => void
}

function ActionDialog ({ action, file, work, onConfirm, onClose }: ActionDialogProps) {
  const [text, setText] = useState('')
  const rules = ACTIONS[action]
  const records = file.records === null ? null : file.records.valid + file.records.invalid
  return (
    <Confirm
      title={`${rules.label}: ${file.name ?? file.id}`} verb={rules.label} isDanger={rules.tone === 'danger'}
      work={work} onClose={onClose} onConfirm={() => { onConfirm(text.trim()) }}
    >
      <p>{rules.explain(file)}</p>
      <p class='muted'>{file.id}{records !== null && `, ${plural(records, 'record')}`}</p>
      {rules.hasTotals === true && <Totals file={file} />}
      {rules.note !== undefined &&
        <Field label={rules.note.label} hint='At most 200 characters.'>
          <textarea
            required={rules.note.isRequired} maxLength={200} value={text}
            onInput={event => { setText(event.currentTarget.value) }}
          />
        </Field>}
    </Confirm>
  )
}
