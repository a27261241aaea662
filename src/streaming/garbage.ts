import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Without options: the whole heap. Node 20 takes any option at all for the young generation alone. */
type Collect = (options?: { type: 'minor' }) => void

/**
 * Gives a function that adds up what it is told, in any unit, and has V8 collect garbage each time the sum reaches
 * `amount`: of the young generation in about a millisecond, or of the whole heap in some 50.
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
 * Takes the bytes of a body that have been passed on, of all bodies together, and has V8 free their buffers every
 * 8 MiB. Every chunk is memory outside the heap. Without this V8 lets 32 MiB of them pile up on Node 20 and 64 MiB on
 * Node 24, because they hardly fill its young generation. A flag of the command line does the same, but only where
 * everyone who starts the service sets it.
 */
export const freeBuffers: (bytes: number) => void = collectEvery(8 * 1024 * 1024, 'young')

let collector: Collect | undefined

/** The only way to V8's collector from inside a process; `globalThis.gc` stays hidden. */
function exposeCollector (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
