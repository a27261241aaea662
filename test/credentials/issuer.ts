import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTHeaderParameters } from 'jose'
import type { Teardown } from '../helper.ts'

export const ISSUER = 'https://idp.example/realms/portals'
export const AUDIENCE = 'connect-usage-bff'

export interface SigningKey { kid: string, alg: string, privateKey: CryptoKey, jwk: JWK }

export async function makeKey (kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...await exportJWK(publicKey), kid, alg, use: 'sig' } }
}

export interface Issuer {
  jwksUri: string
  /** How often its keys were asked for. */
  asked: () => number
  /** The keys it shows from now on. */
  show: (...keys: SigningKey[]) => void
  /** Answers in place of the keys; null for the keys again. */
  answer: (listener: RequestListener | null) => void
}

/** An identity provider as far as this service sees one: an address with keys. */
export async function startIssuer (t: Teardown, ...shown: SigningKey[]): Promise<Issuer> {
  let keys = shown
  let asked = 0
  let other: RequestListener | null = null
  const server = createServer((request, response) => {
    asked += 1
    if (other !== null) other(request, response)
    else {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
    }
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    jwksUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    asked: () => asked,
    show: (...next) => { keys = next },
    answer: (listener) => { other = listener }
  }
}

/** Seconds since 1970, as in claims. */
export const seconds = (fromNow = 0): number => Math.floor(Date.now() / 1000) + fromNow

/** A token that the service accepts, but for the changes. A claim or header of `undefined` is left out. */
export async function tokenOf (
  key: SigningKey,
  claims: Record<string, unknown> = {},
  header: Partial<JWTHeaderParameters> = {}
): Promise<string> {
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    exp: seconds(300),
    iat: seconds(),
    connect_account: 'acme',
    scope: 'openid usage:read usage:close',
    ...claims
  }
  return await new SignJWT(JSON.parse(JSON.stringify(all)) as Record<string, unknown>)
    .setProtectedHeader(
      JSON.parse(JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })) as JWTHeaderParameters
    )
    .sign(key.privateKey)
}
