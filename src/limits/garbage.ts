import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options?: { type: 'minor' }) => void

/**
 * Gives a function that adds up the numbers it gets. Each time they reach `amount`, V8 frees unused objects: new ones
 * (`young`, takes 1 ms) or all (takes 50 ms).
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
 * Is to be called with the length in bytes of each piece of a body or file, after the piece was passed on. Each 8 MiB,
 * V8 frees the unused buffers. They lie outside V8's heap, so V8 alone would let 32 MiB of them pile up on Node 20, and
 * 64 MiB on Node 24.
 */
export const freeBuffers: (bytes: number) => void = collectEvery(8 * 1024 * 1024, 'young')

let collector: Collect | undefined

/** Gives V8's `gc` also to a process that was started without `--expose-gc`. */
function exposeCollector (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
