import { render, type JSX } from 'preact'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { FilePage } from './pages/file.tsx'
import { FilesPage } from './pages/files.tsx'
import { ReportPage } from './pages/report.tsx'
import { SignIn, SignInAgain } from './pages/sign-in.tsx'
import { keepFocus } from './parts/keep-focus.ts'
import { Problem } from './parts/problem.tsx'
import { Wait } from './parts/wait.tsx'
import { hrefOf, useRoute, type Route } from './route.ts'
import { CREDENTIAL, openSession, SessionContext, type Credential, type Session } from './session.tsx'
import { clearTab, readTab, removeTab } from './tab-storage.ts'
import { words } from './format.ts'

function Console () {
  const kept = readTab<Credential>(CREDENTIAL)
  const [session, setSession] = useState<Session | null>(null)
  const [error, setError] = useState<unknown>(undefined)
  const [isOpening, setIsOpening] = useState(kept !== null)
  const [isExpired, setIsExpired] = useState(false)
  const route = useRoute()
  useEffect(() => {
    if (kept !== null) openSession(kept).then(setSession, setError).finally(() => { setIsOpening(false) })
  }, [])
  const signIn = (next: Session): void => {
    setError(undefined)
    setIsExpired(false)
    setSession(next)
  }
  const signOut = (): void => {
    clearTab()
    setIsExpired(false)
    setSession(null)
    location.hash = ''
  }
  const signInAgain = useCallback(() => {
    removeTab(CREDENTIAL)
    setIsExpired(true)
  }, [])
  const open = useMemo(() => session === null ? null : { ...session, signInAgain }, [session])
  return (
    <>
      <a class='skip' href='#main' onClick={skipToMain}>Skip to the content</a>
      <Top session={session} route={route} onSignOut={signOut} />
      <main id='main' tabIndex={-1}>
        <Problem error={error} what='The kept credential does not sign you in' />
        {isOpening && <Wait text='Signing in' />}
        {!isOpening && open === null && <SignIn onSession={signIn} />}
        {open !== null &&
          <SessionContext.Provider key={open.caller.id} value={open}><Page route={route} /></SessionContext.Provider>}
        {isExpired && <SignInAgain onSession={signIn} onClose={() => { setIsExpired(false) }} />}
      </main>
    </>
  )
}

function skipToMain (event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** When another page is shown, its heading gets the focus, so that a screen reader reads it. */
function Page ({ route: { path, query } }: { route: Route }) {
  const [name = 'files', id] = path
  const identity = `${name}/${id ?? ''}`
  useEffect(() => { document.querySelector<HTMLElement>('main h1')?.focus() }, [identity])
  if (name === 'report') return <ReportPage key={identity} fileId={id ?? null} />
  if (id !== undefined) return <FilePage key={identity} fileId={id} part={path[2] ?? 'overview'} query={query} />
  return <FilesPage query={query} />
}

interface TopProps {
  session: Session | null
  route: Route
  onSignOut: () => void
}

function Top ({ session, route: { path: [name = 'files'] }, onSignOut }: TopProps) {
  const caller = session?.caller
  return (
    <header class='top'>
      <a class='brand' href={hrefOf(['files'])}><img src='/console/icon.svg' alt='' />Usage console</a>
      {caller !== undefined &&
        <nav aria-label='Pages of the console'>
          <a href={hrefOf(['files'])} aria-current={name === 'files' ? 'page' : undefined}>Files</a>
          {caller.scopes.includes('usage:write') &&
            <a href={hrefOf(['report'])} aria-current={name === 'report' ? 'page' : undefined}>Report usage</a>}
          <a href='/docs'>API</a>
        </nav>}
      {caller !== undefined &&
        <div class='who'>
          <Who caller={caller} />
          <button type='button' class='slim' onClick={onSignOut}>Sign out</button>
        </div>}
    </header>
  )
}

function closeByEscape (event: JSX.TargetedKeyboardEvent<HTMLDetailsElement>): void {
  if (event.key === 'Escape') event.currentTarget.open = false
}

const ABILITIES: Readonly<Record<Session['caller']['scopes'][number], string>> = {
  'usage:read': 'see files, records and reports',
  'usage:write': 'create, fill and delete files',
  'usage:submit': 'submit files',
  'usage:decide': 'accept and reject files and records',
  'usage:close': 'close and reconcile records',
  'rules:write': 'change usage rules'
}

function Who ({ caller: { id, account, scopes } }: { caller: Session['caller'] }) {
  return (
    <details class='who-card' onFocusOut={event => { event.currentTarget.open = false }} onKeyDown={closeByEscape}>
      <summary><b>{account.name}</b> <span class='chip info'>{words(account.role)}</span></summary>
      <div class='card'>
        <dl class='pairs'>
          <dt>Caller</dt><dd>{id}</dd>
          <dt>Account</dt><dd><code>{account.connectId ?? 'unknown'}</code></dd>
          <dt>May</dt><dd><ul>{scopes.map(scope => <li key={scope}>{ABILITIES[scope]}</li>)}</ul></dd>
        </dl>
      </div>
    </details>
  )
}

keepFocus()
render(<Console />, document.getElementById('console')!)
