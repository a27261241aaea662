import fp from 'fastify-plugin'
import type { StateStore } from '../../store/store.ts'

declare module 'fastify' {
  interface FastifyInstance { store: StateStore }
}

export const state = fp(async (app, options: { store: StateStore }) => {
  app.decorate('store', options.store)
  app.addHook('onClose', async () => { await options.store.close() })
}, { name: 'state' })
