import { createUsageClient, type Schemas, type UsageClient } from '@connect-usage-bff/client'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { clearTab, readTab, writeTab } from './tab-storage.ts'

export type Credential = { key: string } | { token: string }
export type Scope = Schemas['Scope']

/** Who is signed in. */
export interface Session {
  readonly client: UsageClient
  readonly caller: Schemas['Caller']
}

/** What the pages know of the session. */
interface OpenSession extends Session {
  /** Asks for a key or token again, because the service does not accept this one any more. The page stays as it is. */
  readonly signInAgain: () => void
}

/** For how long a request that fails is repeated before the page tells it. */
const RETRY_MS = 10_000
/** The name of a credential that is kept in the tab. */
export const CREDENTIAL = 'credential'
const CALLER = 'caller'

export const SessionContext = createContext<OpenSession | null>(null)

/** The session of the page. Every page but the one for signing in has one. */
export function useSession (): OpenSession & { may: (scope: Scope) => boolean } {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('Nobody is signed in.')
  return { ...session, may: scope => session.caller.scopes.includes(scope) }
}

/**
 * Asks the service who the credential belongs to. Throws `UsageApiError`, for example for a wrong credential. Removes
 * what another caller left in the tab.
 */
export async function openSession (credential: Credential): Promise<Session> {
  const client = createUsageClient({ baseUrl: location.origin, credential, retryMs: RETRY_MS })
  const { data: caller } = await client.GET('/v1/me')
  // What another caller left in this tab is not sent in the name of this one.
  if (readTab(CALLER) !== caller.id) clearTab()
  writeTab(CALLER, caller.id)
  return { client, caller }
}
