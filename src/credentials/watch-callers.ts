import { stat } from 'node:fs/promises'
import type { CallersSource } from './callers-source.ts'

export interface WatchLog {
  info: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

const CHECK_EVERY_MS = 1_000

/**
 * Looks at the files every second, and reloads the callers when a file has changed. File-system events are not
 * enough: Kubernetes changes a mounted secret by a symbolic link to another folder, which the events of a file do not
 * report. Calls `onReading` after each reading that changed the callers or found faults.
 */
export function watchCallers (
  source: CallersSource,
  log: WatchLog,
  onReading: (isAccepted: boolean) => void = () => {}
): { reload: () => void; stop: () => void } {
  const reload = (): void => {
    try {
      reloadOnce(source, log, onReading)
    } catch (error) {
      // A bug must not end the process, whose callers still work. The message of the error may hold a secret, so only
      // the name of the error is logged.
      log.error({ reason: (error as Error).name }, 'the callers do not change: the reading failed')
    }
  }

  // Empty at first, so that the first check reads the callers: the files may have changed since the start.
  let seen = ''
  let isStopped = false
  const check = async (): Promise<void> => {
    const found = (await Promise.all(source.paths().map(fingerprint))).join()
    if (isStopped) return
    if (found !== seen) {
      seen = found
      reload()
    }
    timer = setTimeout(() => { void check() }, CHECK_EVERY_MS).unref()
  }
  let timer = setTimeout(() => { void check() }, CHECK_EVERY_MS).unref()
  return {
    reload,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    }
  }
}

function reloadOnce (source: CallersSource, log: WatchLog, onReading: (isAccepted: boolean) => void): void {
  const result = source.reload()
  if (result.outcome !== 'unchanged') onReading(result.outcome === 'changed')
  if (result.outcome === 'faulty') {
    log.error({ faults: result.faults }, 'the callers do not change: the callers file has faults')
  }
  if (result.outcome !== 'changed') return
  const { entries } = source.current()
  log.info(
    { callers: entries.length, keys: entries.reduce((sum, { keys }) => sum + keys.length, 0) },
    'callers reloaded'
  )
}

async function fingerprint (path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch {
    return 'missing'
  }
}
