import { createUsageClient, type Schemas, type UsageClient } from '@connect-usage-bff/client'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { clearTab, readTab, writeTab } from './tab-storage.ts'

export type Credential = { key: string } | { token: string }
export type Scope = Schemas['Scope']

/** The caller that is signed in, and the client with the caller's credential. */
export interface Session {
  readonly client: UsageClient
  readonly caller: Schemas['Caller']
}

interface OpenSession extends Session {
  /** Opens a dialog that asks for a key or token again, and removes the old one from the tab. */
  readonly signInAgain: () => void
}

/** For how many ms the client repeats a failed request that may be repeated, before the page shows the failure. */
const RETRY_MS = 10_000
export const CREDENTIAL = 'credential'
const CALLER = 'caller'

export const SessionContext = createContext<OpenSession | null>(null)

/** Gives the session, and `may`, which tells whether the caller has a scope. Throws when no caller is signed in. */
export function useSession (): OpenSession & { may: (scope: Scope) => boolean } {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('Nobody is signed in.')
  return { ...session, may: scope => session.caller.scopes.includes(scope) }
}

/** Asks the service to whom the credential belongs. Throws, for example for a wrong credential. */
export async function openSession (credential: Credential): Promise<Session> {
  const client = createUsageClient({ baseUrl: location.origin, credential, retryMs: RETRY_MS })
  const { data: caller } = await client.GET('/v1/me')
  // The unfinished writes of another caller must not be sent in the name of this one.
  if (readTab(CALLER) !== caller.id) clearTab()
  writeTab(CALLER, caller.id)
  return { client, caller }
}
