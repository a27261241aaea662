import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8's function `gc`, which collects garbage. Without options it collects the whole heap. With any options Node 20
 * collects only the young generation, V8's part of the heap for new objects.
 */
type Collect = (options?: { type: 'minor' }) => void

/**
 * Gives a function that adds up the numbers that it gets, in the unit of `amount`. Each time their sum reaches
 * `amount`, it makes V8 collect garbage and begins again from zero. `young` collects only new objects, in about a
 * millisecond; `all` collects the whole heap, in some 50 ms.
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
 * Takes the number of bytes of a body that have been passed on. After each 8 MiB of all bodies together, V8 frees the
 * buffers that nobody uses. Buffers lie outside V8's heap, so they hardly fill it: V8 alone would let 32 MiB of them
 * pile up on Node 20, and 64 MiB on Node 24. A flag of the command line would do the same, but only where everybody
 * sets it.
 */
export const freeBuffers: (bytes: number) => void = collectEvery(8 * 1024 * 1024, 'young')

let collector: Collect | undefined

/**
 * Gives V8's function `gc`. This is the only way to get it inside a process that runs. `globalThis.gc` stays undefined.
 * Gives a function that does nothing where V8 has none.
 */
function exposeCollector (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
