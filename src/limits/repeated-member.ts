/** The search ends at a value in this many objects and lists: no schema allows objects that are nested so deep. */
const MAX_DEPTH = 16
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g

/**
 * Takes a text of valid JSON. Gives the path of the first member that stands twice in one object, or null. JSON.parse
 * keeps the last one and gives no error, and that may be the wrong billing id.
 */
export function repeatedMember (text: string): string | null {
  const open: { names: Set<string>, path: string, at: string }[] = []
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    const inner = open.at(-1)
    if (token === '{' || token === '[') {
      if (open.length === MAX_DEPTH) return null
      const path = inner === undefined ? '' : inner.at === '' ? inner.path : `${inner.path}${inner.at}.`
      open.push({ names: new Set(), path, at: '' })
    } else if (string === undefined) {
      open.pop()
    } else if (colon !== undefined && inner !== undefined) {
      const name = JSON.parse(string) as string
      inner.at = name.slice(0, 64)
      if (inner.names.has(name)) return inner.path + inner.at
      inner.names.add(name)
    }
  }
  return null
}
