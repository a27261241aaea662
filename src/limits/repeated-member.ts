const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g

/**
 * An object or a list whose end has not been read. `names`: the names of the members of the object so far; null before
 * the first, and for a list. `at`: the name of the member whose value is read now, at most 64 characters of it; empty
 * for a list.
 */
interface Open { names: Set<string> | null, at: string }

/**
 * Finds a member that stands twice in one object, at any depth. Gives the path of the first such member, as
 * `billing.id`; null when there is none. The text must be valid JSON. JSON.parse would keep the second value without an
 * error, and that may be the wrong billing id. Positions in lists are not in the path.
 */
export function repeatedMember (text: string): string | null {
  const open: Open[] = []
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    const inner = open.at(-1)
    if (token === '{' || token === '[') {
      open.push({ names: null, at: '' })
    } else if (string === undefined) {
      open.pop()
    } else if (colon !== undefined && inner !== undefined) {
      const name = JSON.parse(string) as string
      inner.at = name.slice(0, 64)
      inner.names ??= new Set()
      if (inner.names.has(name)) return pathOf(open, inner)
      inner.names.add(name)
    }
  }
  return null
}

function pathOf (open: readonly Open[], inner: Open): string {
  const outer = open.filter(one => one !== inner && one.at !== '')
  return [...outer, inner].map(({ at }) => at).join('.')
}
