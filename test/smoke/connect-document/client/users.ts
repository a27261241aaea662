import type { CallContext } from '../../../../src/connect/client.ts'
import { providerToken, vendorToken } from '../../../../sandbox/src/options.ts'

export const PAGE = { limit: 3, offset: 0 }

/** For whom the client calls Connect. Each function gives the context for one call. */
export interface Users {
  vendor: () => CallContext
  provider: () => CallContext
  /** A token that Connect does not know. */
  nobody: () => CallContext
  /** Gives the number of contexts so far. */
  calls: () => number
}

export function createUsers (): Users {
  let calls = 0
  const contextOf = (credential: string) => (): CallContext => {
    calls += 1
    return { credential, requestId: `conformance-${calls}` }
  }
  return {
    vendor: contextOf(vendorToken),
    provider: contextOf(providerToken),
    nobody: contextOf('ApiKey SU-000-000-000:nobody'),
    calls: () => calls
  }
}
