const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g

interface Open { names: Set<string> | null, at: string }

/**
 * Gives the path of the first member that stands twice in one object, such as `billing.id`; null if no member does.
 * Positions in lists are not in the path, and each name is cut after 64 characters. The text must be valid JSON.
 * JSON.parse would take the last value without an error, for example a wrong billing id.
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
