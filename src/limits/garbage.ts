import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8's function `gc`, which collects garbage. Without an argument it collects the whole heap. With `{ type: 'minor' }`
 * it collects only the young generation, V8's part of the heap for new objects.
 */
type Collect = (options?: { type: 'minor' }) => void

/**
 * Gives a function that adds up the numbers that it gets, in the unit of `amount`. Each time their sum reaches
 * `amount`, it makes V8 collect garbage, and the sum begins again from zero. `young` collects only new objects, in
 * about a millisecond; `all` collects the whole heap, in some 50 ms.
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
 * Makes V8 free the buffers that nobody uses any more. To be called with the length, in bytes, of each piece of a body
 * or file, after the piece was passed on. Each time the pieces of all bodies and files together reach 8 MiB, V8
 * collects new objects that nobody uses, and frees their buffers. Buffers lie outside V8's heap, so they hardly fill
 * it: V8 alone would let 32 MiB of them pile up on Node 20, and 64 MiB on Node 24. A flag of the command line would do
 * the same, but each operator would have to set it.
 */
export const freeBuffers: (bytes: number) => void = collectEvery(8 * 1024 * 1024, 'young')

let collector: Collect | undefined

/**
 * Gives V8's function `gc`, also when the process was started without `--expose-gc`: `globalThis.gc` stays undefined
 * then. Gives a function that does nothing when V8 has no `gc`.
 */
function exposeCollector (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
