import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8's collector. Without options it collects the whole heap; with any options Node 20 collects the young generation.
 */
type Collect = (options?: { type: 'minor' }) => void

/**
 * Gives a function that adds up the numbers that it gets, in any unit. Each time the sum reaches `amount`, V8 collects
 * the garbage of the young generation (in about a millisecond) or of the whole heap (in some 50 ms).
 */
export function collectEvery (amount: number, what: 'young' | 'all'): (used: number) => void {
  let left = amount
  return (used) => {
    left -= used
    if (left > 0) return
    left = amount
    collector ??= exposeCollector()
    if (what === 'young') collector({ type: 'minor' })
    else collector()
  }
}

/**
 * Takes the number of bytes of a body that have been passed on. After each 8 MiB of all bodies together V8 frees the
 * buffers. A buffer is memory outside the heap. Without this V8 lets 32 MiB of buffers pile up on Node 20 and 64 MiB on
 * Node 24, because they hardly fill its young generation. A flag of the command line does the same, but only where
 * everyone who starts the service sets it.
 */
export const freeBuffers: (bytes: number) => void = collectEvery(8 * 1024 * 1024, 'young')

let collector: Collect | undefined

/** Gives V8's collector, in the only way inside a process. `globalThis.gc` stays hidden. */
function exposeCollector (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
