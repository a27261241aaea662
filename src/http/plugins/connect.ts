import fp from 'fastify-plugin'
import type { CallObservation, ConnectClient } from '../../connect/api.ts'

export type ConnectState = 'unknown' | 'ok' | 'failing'

declare module 'fastify' {
  interface FastifyInstance {
    connect: ConnectClient
    /**
     * Gives how the last attempt of a call to Connect or to its storage ended: `ok` for an answer below 500, `failing`
     * for any other answer or none. Gives `unknown` before the first attempt has ended. A failure that this service or
     * its caller caused (OUR_FAILURES) does not count.
     */
    connectState: () => ConnectState
    /** Takes the result of each attempt (send) of a call to Connect or to its storage, for `connectState`. */
    noteCall: (call: CallObservation) => void
  }
}

/** The failures of calls that this service or its caller causes. They say nothing about Connect. */
const OUR_FAILURES: ReadonlySet<CallObservation['failure']> = new Set(['aborted', 'body', 'overloaded'] as const)

/** Adds the client of Connect to the app, with `connectState` and `noteCall`. Closes the client with the app. */
export const connect = fp(async (app, options: { client: ConnectClient }) => {
  app.decorate('connect', options.client)
  let state: ConnectState = 'unknown'
  app.decorate('connectState', () => state)
  app.decorate('noteCall', (call) => {
    // A refusal (4xx) counts as ok: Connect answered.
    if (!OUR_FAILURES.has(call.failure)) state = call.status !== null && call.status < 500 ? 'ok' : 'failing'
  })
  app.addHook('onClose', async () => { await options.client.close() })
}, { name: 'connect' })
