import { stat } from 'node:fs/promises'
import type { CallersSource } from './callers-source.ts'

export interface WatchLog {
  info: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

/** How often the files are looked at. With a reading every time they differ, a change shows within twice this. */
const LOOK_EVERY_MS = 1_000

/**
 * Keeps callers as their files are. Files are polled, because a mounted secret is changed by swapping a symbolic link
 * two levels up, of which file-system events tell nothing; what is compared is the file that the path leads to.
 * `onReading` hears of every reading that changed something or was refused.
 * Gives a function that reads now, whatever the files look like, and one that ends the watch.
 */
export function watchCallers (
  source: CallersSource,
  log: WatchLog,
  onReading: (isAccepted: boolean) => void = () => {}
): { reload: () => void; stop: () => void } {
  const reload = (): void => {
    const result = source.reload()
    if (result.outcome !== 'unchanged') onReading(result.outcome === 'changed')
    if (result.outcome === 'faulty') {
      log.error({ faults: result.faults }, 'the callers stay as they were: the new ones have faults')
    }
    if (result.outcome !== 'changed') return
    const { entries } = source.current()
    log.info(
      { callers: entries.length, keys: entries.reduce((sum, { keys }) => sum + keys.length, 0) },
      'callers reloaded'
    )
  }

  // The first look always reads: the files may have changed since the start did.
  let seen = ''
  let isStopped = false
  const look = async (): Promise<void> => {
    const found = (await Promise.all(source.paths().map(fingerprint))).join()
    if (isStopped) return
    if (found !== seen) {
      seen = found
      reload()
    }
    timer = setTimeout(() => {
      void look()
    }, LOOK_EVERY_MS).unref()
  }
  let timer = setTimeout(() => {
    void look()
  }, LOOK_EVERY_MS).unref()
  return {
    reload,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    }
  }
}

async function fingerprint (path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch {
    return 'missing'
  }
}
