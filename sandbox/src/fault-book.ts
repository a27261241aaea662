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
  /** The first matching request that gets the fault, counted from 1. Default: 1. */
  nth?: number
  /** How many matching requests get the fault, from `nth` on; 0 means all. Default: 1. */
  times?: number
  /**
   * Whether the fault comes before or after the operation. `before` (the default): the fault comes in place of the
   * operation; only after a `delay` the operation happens all the same. `after`: the operation takes effect, then its
   * answer is lost, changed or late.
   */
  when?: 'before' | 'after'
  /**
   * Only for `before`: how many bytes of the body must have arrived before the fault comes, or the whole body if it is
   * shorter. A `delay` does not wait for them. Default: 0.
   */
  afterBytes?: number
  fault: Fault
}

interface Entry { rule: FaultRule, matches: (method: string, path: string) => boolean, seen: number }

const types = new Set(['delay', 'reset', 'hang', 'truncate', 'wrongType', 'status', 'throttle'])

/** Holds the planned faults in the order in which they were added. Each rule counts the requests that match it. */
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

  /**
   * Gives the first rule that strikes this request, or null when none does. Every rule that matches counts the request,
   * also when an earlier rule strikes.
   */
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
 * Gives a function that tells whether a request matches a rule. `path` is a regular expression when it has a sign of
 * one, such as `*` or `^`; else it is the beginning of a path, with or without `/public/v1`. An absent method or path
 * matches all.
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
