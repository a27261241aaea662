export type Fault =
  | { type: 'delay', ms: number }
  | { type: 'reset' }
  | { type: 'hang' }
  | { type: 'truncate' }
  | { type: 'wrongType' }
  | { type: 'status', code: number, body?: unknown, headers?: Record<string, string> }
  | { type: 'throttle', retryAfter: number | string }

export interface FaultRule {
  match: { method?: string, path?: string }
  /** The first matching request that the fault is for. 1, the default, is the next matching request. */
  nth?: number
  /** How many matching requests the fault is for, from `nth` on; 0 means all. Default: 1. */
  times?: number
  /**
   * `before` (the default): the fault comes in place of the operation; after a `delay` the operation happens all the
   * same. `after`: the operation happens, then its answer is lost, changed or late.
   */
  when?: 'before' | 'after'
  /** Only for `before`, not for a `delay`: how many bytes of the body, or all if it is shorter, must arrive first. */
  afterBytes?: number
  fault: Fault
}

interface Entry { rule: FaultRule, matches: (method: string, path: string) => boolean, seen: number }

const types = new Set(['delay', 'reset', 'hang', 'truncate', 'wrongType', 'status', 'throttle'])

/** Keeps the planned faults, in the order in which they were added, and tells which of them a request gets. */
export class FaultBook {
  #entries: Entry[] = []

  get rules (): readonly FaultRule[] { return this.#entries.map((entry) => entry.rule) }

  add (rule: FaultRule): void {
    if (!types.has(rule.fault?.type)) throw new Error(`unknown fault type ${String(rule.fault?.type)}`)
    this.#entries.push({ rule, matches: matcher(rule.match ?? {}), seen: 0 })
  }

  clear (): void {
    this.#entries = []
  }

  /** Gives the first rule that strikes. A rule also counts the matching requests that an earlier rule strikes. */
  strike (method: string, path: string): FaultRule | null {
    let struck: FaultRule | null = null
    for (const entry of this.#entries) {
      if (!entry.matches(method, path)) continue
      entry.seen += 1
      const { nth = 1, times = 1 } = entry.rule
      if (entry.seen >= nth && (times === 0 || entry.seen < nth + times)) struck ??= entry.rule
    }
    return struck
  }
}

/**
 * A `path` with a sign such as `*` or `^` is a regular expression. Else it is the beginning of a path, with or without
 * `/public/v1`.
 */
function matcher ({ method, path }: FaultRule['match']): Entry['matches'] {
  const isPattern = path !== undefined && /[\^$*+?()[\]{}|\\]/.test(path)
  const pattern = isPattern ? new RegExp(path) : null
  return (requestMethod, requestPath) => {
    if (method !== undefined && method.toUpperCase() !== requestMethod) return false
    if (path === undefined) return true
    if (pattern) return pattern.test(requestPath)
    return requestPath.startsWith(path) || requestPath.startsWith(`/public/v1${path}`)
  }
}
