import fp from 'fastify-plugin'
import type { CallObservation, ConnectClient } from '../../connect/api.ts'

export type ConnectState = 'unknown' | 'ok' | 'failing'

declare module 'fastify' {
  interface FastifyInstance {
    connect: ConnectClient
    /**
     * How the last attempt of a call to Connect or to its storage ended: `ok` for an answer below 500, `failing` for
     * any other answer or none. A failure of OUR_FAILURES does not count.
     */
    connectState: () => ConnectState
    noteCall: (call: CallObservation) => void
  }
}

/** This service or its caller causes these failures. They say nothing about Connect. */
const OUR_FAILURES: ReadonlySet<CallObservation['failure']> = new Set(['aborted', 'body', 'overloaded'] as const)

export const connect = fp(async (app, options: { client: ConnectClient }) => {
  app.decorate('connect', options.client)
  let state: ConnectState = 'unknown'
  app.decorate('connectState', () => state)
  app.decorate('noteCall', (call) => {
    if (!OUR_FAILURES.has(call.failure)) state = call.status !== null && call.status < 500 ? 'ok' : 'failing'
  })
  app.addHook('onClose', async () => { await options.client.close() })
}, { name: 'connect' })
