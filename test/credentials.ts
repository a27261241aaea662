import { SCOPES_BY_ROLE, type Actor } from '../src/credentials/callers.ts'

export const VENDOR_KEY = 'test-vendor-key-0123456789'
export const PROVIDER_KEY = 'test-provider-key-0123456789'

/** A caller of each role with all scopes of the role. */
export const VENDOR: Actor = { role: 'vendor', scopes: SCOPES_BY_ROLE.vendor }
export const PROVIDER: Actor = { role: 'provider', scopes: SCOPES_BY_ROLE.provider }
