import fp from 'fastify-plugin'
import { Watching } from '../../watching/watching.ts'

declare module 'fastify' {
  interface FastifyInstance { watching: Watching }
}

/** The least time between two list calls for one account and kind: over 2 s, also if a timer fires a little early. */
const GAP_MS = 2_050

/**
 * Adds `app.watching`, by which requests wait for changes in Connect. When the service stops, all waits end at once.
 */
export const watching = fp(async (app, { gapMs = GAP_MS }: { gapMs?: number | undefined }) => {
  const all = new Watching({
    connect: app.connect,
    gapMs,
    observe: call => {
      app.noteCall(call)
      app.metrics.called(call)
    },
    warn: (kind, account, error) => {
      app.log.warn({ err: error, kind, account: account.name }, 'Connect cannot be asked for what requests wait for')
    }
  })
  app.decorate('watching', all)
  app.addHook('preClose', async () => { all.end() })
  app.addHook('onClose', async () => { all.stop() })
}, { name: 'watching', dependencies: ['connect', 'request-log'] })
