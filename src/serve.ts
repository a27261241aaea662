import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildApp } from './app.ts'
import { watchCallers } from './credentials/watch-callers.ts'
import { requireFolder } from './streaming/spool.ts'
import { VERSION } from './version.ts'

export interface Running {
  app: FastifyInstance
  /** The URL at which the service listens, such as `http://127.0.0.1:3000`. */
  address: string
  /**
   * Stops the service. Resolves to the exit code: 0, or 1 when requests still ran at the time limit and the outcome of
   * their writes may be unknown.
   */
  stop: () => Promise<number>
  /** Reads the callers again at once. */
  reloadCallers: () => void
}

/** The most time before the time limit of a stop that is kept for phases 2 and 3 (see http/plugins/drain.ts). */
const MAX_MARGIN_MS = 3_000

/** Starts the service. Rejects when the port is not free, or when the folder for temporary files cannot be used. */
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
      timers.push(setTimeout(app.cancelWaiting, config.drainTimeoutMs - margin))
      timers.push(setTimeout(app.destroyConnections, config.drainTimeoutMs - margin / 2))
      timers.push(setTimeout(() => {
        app.log.error('drain limit reached: the outcome of writes that Connect has not answered is unknown')
        app.reachDrainLimit()
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
