import type { Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { parseCallers } from '../../src/credentials/callers-file.ts'
import { makeApp, startUpstream } from '../helper.ts'
import { AUDIENCE, ISSUER, makeKey, startIssuer, type SigningKey } from '../credentials/issuer.ts'

export const LIST = '/v1/usage-files?limit=1'
export const PARTNER_KEY = 'partner-key-of-billing'
export const CONNECT_TOKEN = 'SU-400-500-600:canary-connect'
export const key = await makeKey('one')
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

export function callersWith (jwksUri: string) {
  const { callers, faults } = parseCallers(
    JSON.stringify({
      accounts: {
        acme: { role: 'provider', accountId: 'PA-400-500', apiKey: CONNECT_TOKEN },
        fallback: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'SU-100-200-300:vendor' },
        'vendor-again': { role: 'vendor', accountId: 'VA-100-200', apiKey: 'SU-100-200-300:vendor-again' }
      },
      callers: [
        {
          id: 'billing',
          account: 'acme',
          scopes: ['usage:read'],
          keys: [{ id: 'k', sha256: sha256Hex(PARTNER_KEY), expiresAt: null }]
        }
      ],
      jwt: { issuer: ISSUER, audience: AUDIENCE, jwksUri, accountClaim: 'connect_account', scopeClaim: 'scope' }
    }),
    () => ''
  )
  if (faults.length > 0) throw new Error(faults.join())
  return callers
}

export async function startFixture (t: Test, ...shown: SigningKey[]) {
  return await limitedFixture(t, {}, ...shown)
}

export async function limitedFixture (t: Test, env: Record<string, string>, ...shown: SigningKey[]) {
  const issuer = await startIssuer(t, ...(shown.length > 0 ? shown : [key]))
  const tokens: unknown[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    tokens.push(request.headers.authorization)
    response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' }).end('[]')
  })
  const callers = callersWith(issuer.jwksUri)
  const { app, logs } = await makeApp(t, { callers, env: { CONNECT_BASE_URL: baseUrl, ...env } })
  const get = async (headers: Record<string, string>, url = LIST) => {
    const { statusCode, headers: answered, payload } = await app.inject({ url, headers })
    return {
      status: statusCode,
      challenge: answered['www-authenticate'],
      retryAfter: answered['retry-after'],
      code: statusCode === 200 ? null : (JSON.parse(payload) as { code: string }).code,
      payload
    }
  }
  return {
    issuer,
    app,
    logs,
    get,
    tokens,
    callers: () => logs.filter(({ msg }) => msg === 'request').map(({ caller }) => caller)
  }
}
