/** A token of JSON. Group 1: a bracket, comma or colon. Group 2: a string. No group: a number, true, false or null. */
const TOKEN = new RegExp(
  String.raw`[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|` +
  String.raw`(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))`,
  'y'
)

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end'

/**
 * Gives the line of the first fault in a text that is not JSON, counted from 1. JSON.parse names a place only in some
 * of its messages.
 */
export function lineOfFault (text: string): number {
  const open: string[] = []
  let expected: Expected | null = 'value'
  let end = 0
  for (;;) {
    TOKEN.lastIndex = end
    const found = TOKEN.exec(text)
    const token = found?.[1] ?? (found?.[2] === undefined ? 'value' : 'text')
    expected = found === null ? null : afterToken(token, expected, open)
    if (expected === null) break
    end = TOKEN.lastIndex
  }
  const blanks = /^[ \t\r\n]*/.exec(text.slice(end))?.[0].length ?? 0
  return text.slice(0, end + blanks).split('\n').length
}

/** Gives what must follow a token; null when `expected` excludes the token. Updates `open`, the open brackets. */
function afterToken (token: string, expected: Expected, open: string[]): Expected | null {
  const closes = (token === '}' || token === ']') && open.at(-1) === (token === '}' ? '{' : '[')
  if (closes && (expected === ', or end' || expected.endsWith(token))) {
    open.pop()
    return ', or end'
  }
  if (expected === ':') return token === ':' ? 'value' : null
  if (expected === ', or end') return token !== ',' || open.length === 0 ? null : open.at(-1) === '{' ? 'name' : 'value'
  if (expected.startsWith('name')) return token === 'text' ? ':' : null
  if (token === 'value' || token === 'text') return ', or end'
  if (token !== '{' && token !== '[') return null
  open.push(token)
  return token === '{' ? 'name or }' : 'value or ]'
}
