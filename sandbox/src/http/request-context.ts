import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unauthorised } from '../connect-error.ts'
import type { LedgerEntry } from '../ledger.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Actor } from '../state/types.ts'

export const basePath = '/public/v1'

/** A request gets a 401 unless its `Authorization` is that of a token of the options, for an account that exists. */
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

/** Gives the origin at which the client reached the sandbox, from the header `Host`. Links in answers begin with it. */
export const originOf = (request: FastifyRequest): string => `http://${request.headers.host ?? 'localhost'}`

export const paramOf = (request: FastifyRequest, name: string): string => {
  const value = (request.params as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}
