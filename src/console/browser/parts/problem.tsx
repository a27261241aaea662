import { UsageApiError } from '@connect-usage-bff/client'
import type { ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import { SessionContext } from '../session.tsx'

interface ProblemProps {
  error: unknown
  /** What did not work, for example `The files cannot be shown`. */
  what: string
  onRetry?: (() => void) | undefined
}

/** Shows an error in words. An operator finds its cause by the id of the request, which is shown where it is known. */
export function Problem ({ error, what, onRetry }: ProblemProps) {
  const session = useContext(SessionContext)
  if (error === undefined || isAbort(error)) return null
  const known = error instanceof UsageApiError ? error : null
  const isExpired = session !== null && known?.code === 'UNAUTHENTICATED'
  return (
    <div class='note bad' role='alert'>
      <p><b>{what}.</b> {explain(error)}</p>
      {known !== null && known.errors.length > 0 &&
        <ul>{known.errors.map(({ path, message }) => <li key={path}><code>{path}</code> {message}</li>)}</ul>}
      {known?.problem?.connect !== undefined &&
        <ul>{known.problem.connect.errors.map(text => <li key={text}>Connect: {text}</li>)}</ul>}
      {known !== null &&
        <p class='small muted'>
          {known.code}{known.requestId !== null && <> · request <code>{known.requestId}</code></>}
        </p>}
      {isExpired &&
        <p><button type='button' class='slim' onClick={session.signInAgain}>Sign in again</button></p>}
      {onRetry !== undefined && !isExpired &&
        <p><button type='button' class='slim' onClick={onRetry}>Try again</button></p>}
    </div>
  )
}

export function Note ({ tone = '', children }: { tone?: 'good' | 'warn' | 'bad' | '', children: ComponentChildren }) {
  return <div class={`note ${tone}`} role='status'>{children}</div>
}

export function isAbort (error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function explain (error: unknown): string {
  if (!(error instanceof UsageApiError)) return error instanceof Error ? error.message : String(error)
  if (error.status === 0) return 'There is no connection to the service, or it broke. Try again: nothing is done twice.'
  if (error.code === 'UNAUTHENTICATED') return 'The key or token is not accepted.'
  if (error.code === 'OUTCOME_UNKNOWN') {
    return `${error.detail} Connect may have done it, or not. Sent again, it is not done twice.`
  }
  return error.detail
}
