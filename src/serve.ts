import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildApp } from './app.ts'
import { watchCallers } from './credentials/watch-callers.ts'
import { requireFolder } from './streaming/spool.ts'

export interface Running {
  app: FastifyInstance
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  address: string
  /** Drains and closes; resolves to the exit code: 0, or 1 when the time limit cut something off. */
  stop: () => Promise<number>
  /** Reads the callers again, now. */
  reloadCallers: () => void
}

/** Starts the service. Rejects when it cannot listen, or has nowhere to put what does not fit into memory. */
export async function serve (config: Config): Promise<Running> {
  await requireFolder(tmpdir())
  const app = await buildApp(config)
  app.metrics.watchProcess()
  const address = await app.listen({ host: config.host, port: config.port })
  const watch = watchCallers(config.callers, app.log, app.metrics.callersReloaded)
  let stopping: Promise<number> | undefined
  const stop = async (): Promise<number> => {
    app.startDraining()
    app.log.info('draining')
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<number>((resolve) => {
      timer = setTimeout(() => {
        app.log.error('drain limit reached: cutting the remaining connections')
        app.server.closeAllConnections()
        resolve(1)
      }, config.drainTimeoutMs)
    })
    watch.stop()
    const code = await Promise.race([app.close().then(() => 0), limit])
    clearTimeout(timer)
    app.log.info({ code }, 'stopped')
    return code
  }
  return { app, address, stop: async () => await (stopping ??= stop()), reloadCallers: watch.reload }
}
