import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { CREDENTIAL, openSession, type Credential, type Session } from '../session.tsx'
import { writeTab } from '../tab-storage.ts'
import { useWork } from '../writes.ts'

type Kind = 'key' | 'token'

interface SignInProps {
  onSession: (session: Session) => void
  /** Closes the dialog without signing in; absent on the page for signing in, which has no dialog. */
  onCancel?: () => void
}

/** The key or token stays in memory. The tab stores it, too, if the person wants that. It is never in a URL. */
export function SignIn ({ onSession, onCancel }: SignInProps) {
  const [kind, setKind] = useState<Kind>('key')
  const [secret, setSecret] = useState('')
  const [isKept, setIsKept] = useState(false)
  const { isBusy, error, run } = useWork()
  const signIn = (event: Event): void => {
    event.preventDefault()
    const text = secret.trim().replace(/^(Bearer|X-API-Key:) +/i, '')
    const credential: Credential = kind === 'key' ? { key: text } : { token: text }
    void run(async () => {
      const session = await openSession(credential)
      if (isKept) writeTab(CREDENTIAL, credential)
      onSession(session)
    })
  }
  return (
    <form class='card narrow' onSubmit={signIn}>
      <h1 tabIndex={-1}>Sign in</h1>
      {onCancel !== undefined &&
        <Note tone='warn'>Your key or token is not accepted any more. The page stays as it is.</Note>}
      <p class='muted'>With the partner key of your system, or a token of your identity provider.</p>
      <fieldset>
        <legend>You have</legend>
        <KindChoice kind='key' label='A partner key' chosen={kind} onChoose={setKind} />
        <KindChoice kind='token' label='A token (JWT)' chosen={kind} onChoose={setKind} />
      </fieldset>
      <Field label={kind === 'key' ? 'Partner key' : 'Token'} hint='It is sent to this service only, as a header.'>
        <input
          type='password' required autocomplete='off' spellcheck={false} value={secret}
          onInput={event => { setSecret(event.currentTarget.value) }}
        />
      </Field>
      <label class='check'>
        <input type='checkbox' checked={isKept} onChange={event => { setIsKept(event.currentTarget.checked) }} />
        <span>Keep it in this tab, so that a reload does not ask again</span>
      </label>
      <Problem error={error} what='You are not signed in' />
      <div class='buttons'>
        <button type='submit' class='primary' aria-disabled={isBusy}>{isBusy ? 'Signing in…' : 'Sign in'}</button>
        {onCancel === undefined
          ? <a class='small' href='/docs'>Documentation of the API</a>
          : <button type='button' onClick={onCancel}>Cancel</button>}
      </div>
    </form>
  )
}

/** The dialog that asks for a key or token again, above the page, when the service no longer accepts the old one. */
export function SignInAgain ({ onSession, onClose }: { onSession: (session: Session) => void, onClose: () => void }) {
  return (
    <Dialog label={{ text: 'Sign in again' }} onClose={onClose}>
      <SignIn onSession={onSession} onCancel={onClose} />
    </Dialog>
  )
}

interface KindChoiceProps {
  kind: Kind
  label: string
  chosen: Kind
  onChoose: (kind: Kind) => void
}

function KindChoice ({ kind, label, chosen, onChoose }: KindChoiceProps) {
  return (
    <label class='check'>
      <input type='radio' name='kind' checked={chosen === kind} onChange={() => { onChoose(kind) }} />
      <span>{label}</span>
    </label>
  )
}
