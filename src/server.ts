import { loadConfig } from './config.ts'
import { readConfigFile } from './credentials/read-file.ts'
import { StartError } from './errors/start-error.ts'
import { serve } from './serve.ts'

try {
  const config = loadConfig(process.env, readConfigFile)
  const { app, stop, reloadCallers } = await serve(config)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // After `once` the same signal ends the process at once; as process 1 of a container, the process ignores it.
    process.once(signal, () => { void stop().then(code => process.exit(code)) })
  }
  process.on('SIGHUP', reloadCallers)
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (error: unknown) => {
      app.log.fatal({ err: error }, event)
      // After such an error the state of the process is not certain. The service refuses new requests, and exits after
      // 200 ms, in which the log is written.
      setTimeout(() => process.exit(1), 200)
      app.startDraining()
    })
  }
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}
