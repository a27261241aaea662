import fp from 'fastify-plugin'
import type { CallObservation, ConnectClient } from '../../connect/api.ts'

export type ConnectState = 'unknown' | 'ok' | 'failing'

declare module 'fastify' {
  interface FastifyInstance {
    connect: ConnectClient
    /** How the last call to Connect ended, for readiness: `unknown` before the first. */
    connectState: () => ConnectState
    noteCall: (call: CallObservation) => void
  }
}

const OURS: ReadonlySet<CallObservation['failure']> = new Set(['aborted', 'body', 'overloaded'] as const)

/** Connect's client, closed with the app. */
export const connect = fp(async (app, options: { client: ConnectClient }) => {
  app.decorate('connect', options.client)
  let state: ConnectState = 'unknown'
  app.decorate('connectState', () => state)
  app.decorate('noteCall', (call) => {
    // A refusal is an answer; what went wrong on our side or the caller's says nothing about Connect.
    if (!OURS.has(call.failure)) state = call.status !== null && call.status < 500 ? 'ok' : 'failing'
  })
  app.addHook('onClose', async () => { await options.client.close() })
}, { name: 'connect' })
