import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unauthorised } from '../connect-error.ts'
import type { LedgerEntry } from '../ledger.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Actor } from '../state/types.ts'

export const basePath = '/public/v1'

/** Every request of the API needs one of the known tokens, letter for letter. */
export function addAuthentication (app: FastifyInstance, sandbox: Sandbox): void {
  app.decorateRequest('sandboxActor', null)
  app.addHook('onRequest', async (request) => {
    const token = sandbox.options.tokens.find((one) => one.header === request.headers.authorization)
    const account = token && sandbox.store.accounts.get(token.accountId)
    if (!token || !account) throw unauthorised()
    request.setDecorator<Actor>('sandboxActor', { account, user: token.user })
  })
}

export const actorOf = (request: FastifyRequest): Actor => {
  const actor = request.getDecorator<Actor | null>('sandboxActor')
  if (!actor) throw unauthorised()
  return actor
}

export const entryOf = (request: FastifyRequest): LedgerEntry | null =>
  request.getDecorator<LedgerEntry | null>('sandboxEntry')

/** Where the caller reached us: what links are built from. */
export const originOf = (request: FastifyRequest): string => `http://${request.headers.host ?? 'localhost'}`

export const paramOf = (request: FastifyRequest, name: string): string => {
  const value = (request.params as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}
