import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildApp } from './app.ts'
import { watchCallers } from './credentials/watch-callers.ts'
import { requireFolder } from './streaming/spool.ts'
import { VERSION } from './version.ts'

export interface Running {
  app: FastifyInstance
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  address: string
  /** Drains and closes; resolves to the exit code: 0, or 1 when the time limit left something in doubt. */
  stop: () => Promise<number>
  /** Reads the callers again, now. */
  reloadCallers: () => void
}

/** Of the time for stopping, what is kept for answering those who are given up. */
const MAX_MARGIN_MS = 3_000

/** Starts the service. Rejects when it cannot listen, or has nowhere to put what does not fit into memory. */
export async function serve (config: Config): Promise<Running> {
  await requireFolder(tmpdir())
  const app = await buildApp(config)
  app.metrics.watchProcess()
  const address = await app.listen({ host: config.host, port: config.port })
  app.log.info({ version: VERSION }, 'started')
  const watch = watchCallers(config.callers, app.log, app.metrics.callersReloaded)
  let stopping: Promise<number> | undefined
  const stop = async (): Promise<number> => {
    app.startDraining()
    app.log.info('draining')
    const timers: NodeJS.Timeout[] = []
    const limit = new Promise<number>((resolve) => {
      const margin = Math.min(MAX_MARGIN_MS, config.drainTimeoutMs / 2)
      timers.push(setTimeout(app.callLast, config.drainTimeoutMs - margin))
      timers.push(setTimeout(app.cutOff, config.drainTimeoutMs - margin / 2))
      timers.push(setTimeout(() => {
        app.log.error('drain limit reached: writes that Connect has not answered are left in doubt')
        app.giveUp()
        app.server.closeAllConnections()
        resolve(1)
      }, config.drainTimeoutMs))
    })
    watch.stop()
    const code = await Promise.race([app.close().then(() => 0), limit])
    timers.forEach(clearTimeout)
    app.log.info({ code }, 'stopped')
    return code
  }
  return { app, address, stop: async () => await (stopping ??= stop()), reloadCallers: watch.reload }
}
