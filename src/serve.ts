import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildApp } from './app.ts'
import { StartError } from './errors/start-error.ts'
import { watchCallers } from './credentials/watch-callers.ts'
import { requireFolder } from './streaming/spool.ts'
import { VERSION } from './version.ts'

export interface Running {
  app: FastifyInstance
  /** The URL at which the service listens, such as `http://127.0.0.1:3000`. */
  address: string
  /** Stops within DRAIN_TIMEOUT_MS. Resolves to the exit code: 1 when writes still ran at that time limit, else 0. */
  stop: () => Promise<number>
  reloadCallers: () => void
}

/** A stop calls `cancelWaiting` this time in ms before DRAIN_TIMEOUT_MS ends, or after half of it if that is later. */
const MAX_MARGIN_MS = 3_000

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there', EACCES: 'the user of this process may not listen there',
  EADDRNOTAVAIL: 'this machine does not have the address', ENOTFOUND: 'the name has no address'
}

/** Throws StartError when the address, the state store, the folder for temporary files or a package cannot be used. */
export async function serve (config: Config): Promise<Running> {
  await requireFolder(tmpdir())
  const app = await buildApp(config)
  app.metrics.watchProcess()
  const address = await listen(app, config)
  logStart(app, config)
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
        // When no write runs, only connections are still open, for example one whose answer has just ended. The exit
        // code is 0 then.
        const hasWrites = app.reachDrainLimit()
        if (hasWrites) {
          app.log.error('drain limit reached: the outcome of writes that Connect has not answered is unknown')
        }
        app.server.closeAllConnections()
        resolve(hasWrites ? 1 : 0)
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

async function listen (app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    await app.close().catch(() => {})
    const { code = '' } = error as NodeJS.ErrnoException
    if (WHY_NOT[code] === undefined) throw error
    const where = `port ${port} of ${host} (HOST, PORT)`
    throw new StartError(`The service cannot listen at ${where}: ${WHY_NOT[code]} (${code}).`, { cause: error })
  }
}

function logStart (app: FastifyInstance, config: Config): void {
  const { entries, tokens } = config.callers.current()
  app.log.info({
    version: VERSION,
    connect: config.connectBaseUrl,
    store: config.storeUrl.startsWith('file:') ? 'folder' : 'redis',
    callers: entries.length,
    tokens: tokens !== undefined
  }, 'started')
  for (const warning of config.warnings) app.log.warn(warning)
}
