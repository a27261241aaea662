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
  /** The first matching request it strikes, counted from 1. */
  nth?: number
  /** How many it strikes from there; 0 = all. */
  times?: number
  /** `before`: the operation never happens. `after`: it takes effect, then its answer is lost or changed. */
  when?: 'before' | 'after'
  /** With `before`: strikes only when so much of the body has arrived, or all of it if there is less. */
  afterBytes?: number
  fault: Fault
}

interface Entry { rule: FaultRule, matches: (method: string, path: string) => boolean, seen: number }

const types = new Set(['delay', 'reset', 'hang', 'truncate', 'wrongType', 'status', 'throttle'])

/** Planned faults, in the order they were added; each counts its own matching requests. */
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

  /** The fault that strikes this request; every matching rule counts it. */
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

/** A path is a prefix, with or without the base path, or a regular expression between slashes or with its signs. */
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
