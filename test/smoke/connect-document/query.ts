/** A term of a query as Connect's parser would see it. */
export type Term =
  | { kind: 'parameter', name: string, value: string }
  | { kind: 'filter', operator: string, field: string, values: string[] }
  | { kind: 'ordering', fields: string[] }

/**
 * Reads a raw query, which Connect decodes as a whole before it parses it. Throws for anything that this service may
 * not write. Shares no code with the service or the sandbox, so that it can find their bugs.
 */
export function readQuery (raw: string): Term[] {
  if (raw === '') return []
  return splitOutside(decodeURIComponent(raw), '&').map(readTerm)
}

function readTerm (text: string): Term {
  const call = /^([a-z]+)\((.*)\)$/s.exec(text)
  if (call === null) {
    const [, name, value] = /^([\w.]+)=([^=()"',]*)$/.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`cannot be read: ${text}`)
    return { kind: 'parameter', name, value }
  }
  const [, operator = '', inner = ''] = call
  const parts = splitOutside(inner, ',')
  if (operator === 'ordering') return { kind: 'ordering', fields: parts.map(part => part.replace(/^[-+]/, '')) }
  const [field = '', ...values] = parts
  const list =
    operator === 'in' || operator === 'out'
      ? splitOutside(/^\((.+)\)$/s.exec(values.join(','))?.[1] ?? '', ',')
      : values
  if (values.length === 0 || (list.length !== 1 && !['in', 'out'].includes(operator))) {
    throw new Error(`cannot be read: ${text}`)
  }
  return { kind: 'filter', operator, field, values: list.map(unquote) }
}

function unquote (value: string): string {
  const quoted = /^"([^"]*)"$|^'([^']*)'$/s.exec(value)
  if (quoted === null) throw new Error(`a value is not quoted: ${value}`)
  return quoted[1] ?? quoted[2] ?? ''
}

/**
 * Splits at a separator that stands neither in quotes nor in brackets. Throws when quotes or brackets are left open.
 */
function splitOutside (text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  let quote = ''
  let depth = 0
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    if (character === separator && quote === '' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  if (quote !== '' || depth !== 0) throw new Error(`quotes or brackets are left open: ${text}`)
  return [...parts, part]
}
