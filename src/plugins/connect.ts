import fp from 'fastify-plugin'
import type { ConnectClient } from '../connect/api.ts'

declare module 'fastify' {
  interface FastifyInstance { connect: ConnectClient }
}

/** Connect's client, closed with the app. */
export const connect = fp(async (app, options: { client: ConnectClient }) => {
  app.decorate('connect', options.client)
  app.addHook('onClose', async () => { await options.client.close() })
}, { name: 'connect' })
