import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Without options: everything. Node 20 takes any options at all for the young generation alone. */
type Collect = (options?: { type: 'minor' }) => void

/**
 * Counts what has been used up, in whatever unit, and has V8 collect garbage each time it comes to `amount`: of the
 * young generation in about a millisecond, or of the whole heap in some 50.
 */
export function collectEvery (amount: number, what: 'young' | 'all'): (spent: number) => void {
  let left = amount
  return (spent) => {
    left -= spent
    if (left > 0) return
    left = amount
    collector ??= exposed()
    if (what === 'young') collector({ type: 'minor' })
    else collector()
  }
}

let collector: Collect | undefined

/** The only way to V8's collector from inside a process; `globalThis.gc` stays hidden. */
function exposed (): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? found as Collect : () => {}
}
