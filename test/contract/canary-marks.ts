import type { RequestListener, ServerResponse } from 'node:http'
import t from 'tap'
import { SCOPES_BY_ROLE, type Role } from '../../src/credentials/callers.ts'
import { makeKey, tokenOf } from '../credentials/issuer.ts'
import { makeApp, startUpstream } from '../helper.ts'
import { documentOf } from './document.ts'

/**
 * The service's whole surface with marked secrets, in front of a Connect and a storage that do their worst: no mark may
 * be told to anybody. None of the marks has a shape that the log's scrubber knows, so what is tested is that nobody
 * prints them, not that they are taken out again.
 */
export const MARKS = {
  key: 'canary-key',
  token: 'canary-connect-token',
  signature: 'canary-signature',
  cookie: 'canary-cookie',
  idempotency: 'canary-idempotency',
  content: 'canary-content',
  metrics: 'canary-metrics-token',
  webhook: 'canary-webhook-secret-of-the-account'
}
/** Billing data: shown to callers, and to nobody else. */
export const BILLING = { note: 'canary-note', id: 'canary-invoice' }

export const roles: Role[] = ['vendor', 'provider']
export const keyOf = (role: Role): string => `${MARKS.key}-${role}`
export const PARAMETERS: Readonly<Record<string, string>> = {
  fileId: 'UF-2026-11-0000-0001',
  recordId: 'UR-2026-11-0000-0001-0001',
  chunkId: 'UFC-2026-11-0000-0001-001',
  reconciliationId: 'RCF-2026-11-0000-0001',
  assetId: 'AS-1234-1234-1234',
  productId: 'PRD-700-100-200',
  ruleId: 'UR-700-100-200-001',
  account: 'vendor'
}

type Answer =
  (response: ServerResponse, status: number, body: string | Buffer, headers?: Record<string, string>) => void

export const answer: Answer = (response, status, body, headers = {}) => {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    .end(body)
}

export const document = await documentOf((await makeApp(t)).app)

/** Where every link of Connect leads. */
export const storage: { serve: RequestListener } = { serve: (_request, response) => { answer(response, 404, '') } }
export const storageSaw: string[] = []
export const host = await startUpstream(t, (request, response) => {
  storageSaw.push(JSON.stringify(request.headers))
  storage.serve(request, response)
})
export const LINK = `${new URL(host.baseUrl).origin}/c/usage.xlsx?se=2026&sig=${MARKS.signature}`
export const SAID = `ApiKey SU-100-200-300:${MARKS.token} at ${LINK}, X-Amz-Signature=${MARKS.signature}, ` +
  `SU-1-2:${MARKS.token}`
export const HEADERS = { 'set-cookie': `s=${MARKS.cookie}`, 'www-authenticate': SAID, location: LINK, 'x-debug': SAID }

export const issuerKey = await makeKey('one')

export const tokens = Object.fromEntries(
  await Promise.all(
    roles.map(
      async role =>
        [role, await tokenOf(issuerKey, { connect_account: role, scope: SCOPES_BY_ROLE[role].join(' ') })] as const
    )
  )
) as Record<Role, string>
