import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Account, Role, TokenSettings } from './callers.ts'

const AUDIENCE = 'connect-usage-bff'
const LIFETIME_HOURS = 12

export interface DemoIssuer {
  settings: TokenSettings
  token: (role: Role, scopes: readonly string[]) => Promise<string>
  close: () => void
}

/** Starts a token issuer on a free port of this machine, for `npm run sandbox`. Each start makes a new key pair. */
export async function startDemoIssuer (accounts: Readonly<Record<Role, Account>>): Promise<DemoIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const keys = [{ ...await exportJWK(publicKey), kid: 'demo', alg: 'ES256', use: 'sig' }]
  const server: Server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.statusCode = request.url === '/jwks' ? 200 : 404
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : { error: 'not found' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    settings: {
      issuer,
      audience: AUDIENCE,
      jwksUri: `${issuer}/jwks`,
      accountClaim: 'connect_account',
      scopeClaim: 'scope',
      accounts: new Map(Object.values(accounts).map(account => [account.name, account]))
    },
    token: async (role, scopes) =>
      await new SignJWT({ connect_account: accounts[role].name, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'ES256', kid: 'demo', typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(`demo-${role}`)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_HOURS}h`)
        .sign(privateKey),
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
