import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const COLLECT_EVERY_BYTES = 8 * 1024 * 1024

type CollectYoung = (options: { type: 'minor' }) => void

let left = COLLECT_EVERY_BYTES

/**
 * Counts bytes that have passed through, of all streams together, and has V8 free their buffers. Every chunk of a request body is memory of its
 * own outside the heap; left to itself V8 lets 32 MiB of them pile up on Node 20 and 64 MiB on Node 24, because they
 * hardly fill its young generation. A collection of that takes about a millisecond. Its size could be limited by a flag of the
 * command line alone, which whoever starts the service another way would not set.
 */
export function spent (bytes: number): void {
  left -= bytes
  if (left > 0) return
  left = COLLECT_EVERY_BYTES
  collectYoung ??= exposed()
  collectYoung({ type: 'minor' })
}

let collectYoung: CollectYoung | undefined

/** The only way to V8's collector from inside a process; `globalThis.gc` stays hidden. */
function exposed (): CollectYoung {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? collect as CollectYoung : () => {}
}
