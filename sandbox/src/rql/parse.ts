import { RqlError } from './ast.ts'
import type { Comparison, Expression } from './ast.ts'
import { Scanner } from './scanner.ts'
import { unquote } from './unquote.ts'

const comparisons = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const searches = new Set(['like', 'ilike'])
const lists = new Set(['in', 'out'])
const plain = new Set(['compare', 'list', 'ordering', 'select'])

/** Parses a query string with its percent-encoding. Gives null for an empty one; throws RqlError for a fault. */
export const parseQuery = (query: string): Expression | null => parseExpression(unquote(query))

/** Parses an expression that is not percent-encoded. Gives null for an empty text; throws RqlError for a fault. */
export function parseExpression (text: string): Expression | null {
  if (text === '') return null
  const scanner = new Scanner(text)
  const expression = sequence(scanner, ['&', ','])
  if (!scanner.isAtEnd) throw scanner.error()
  return expression
}

/** Reads terms that the separators join by AND, up to any other sign. */
function sequence (scanner: Scanner, separators: readonly string[]): Expression {
  const terms = [term(scanner)]
  while (separators.some((separator) => scanner.accept(separator))) terms.push(term(scanner))
  return only(terms) ?? { kind: 'and', terms }
}

const only = (terms: readonly Expression[]): Expression | undefined => terms.length === 1 ? terms[0] : undefined

function term (scanner: Scanner): Expression {
  if (scanner.accept('(')) return bracketed(scanner)
  const start = scanner.position
  const name = scanner.property()
  if (!scanner.accept('(')) {
    scanner.back(start)
    return equality(scanner)
  }
  if (comparisons.has(name) || searches.has(name)) return comparison(scanner, name as Comparison)
  if (lists.has(name)) return listing(scanner, name as 'in' | 'out')
  if (name === 'and' || name === 'or') return logical(scanner, name)
  if (name === 'not') return negation(scanner)
  if (name === 't') return tuple(scanner)
  if (name === 'ordering' || name === 'select') return signed(scanner, name)
  throw new RqlError(`Bad filter query: unknown operator ${name}.`)
}

/** Either `,` (AND), `|` or `;` (both OR) joins the terms in one pair of brackets. `&` binds closer. */
function bracketed (scanner: Scanner): Expression {
  const first = sequence(scanner, ['&'])
  const separator = scanner.next
  const terms = [first]
  while ([',', '|', ';'].includes(separator) && scanner.accept(separator)) terms.push(sequence(scanner, ['&']))
  scanner.expect(')')
  return only(terms) ?? { kind: separator === ',' ? 'and' : 'or', terms }
}

function comparison (scanner: Scanner, operator: Comparison): Expression {
  const field = scanner.property()
  scanner.expect(',')
  const value = scanner.value()
  scanner.expect(')')
  return { kind: 'compare', operator, field, value }
}

function listing (scanner: Scanner, operator: 'in' | 'out'): Expression {
  const field = scanner.property()
  scanner.expect(',')
  scanner.expect('(')
  const values = [scanner.value()]
  while (scanner.accept(',')) values.push(scanner.value())
  scanner.expect(')')
  scanner.expect(')')
  return { kind: 'list', operator, field, values }
}

function logical (scanner: Scanner, kind: 'and' | 'or'): Expression {
  const terms = [sequence(scanner, ['&'])]
  while (scanner.accept(',')) terms.push(sequence(scanner, ['&']))
  if (terms.length < 2) throw scanner.error()
  scanner.expect(')')
  return { kind, terms }
}

/** The grammar allows `t(a=1,like(b,c*))`, but no source tells its meaning. Here it selects every row. */
function tuple (scanner: Scanner): Expression {
  if (!scanner.accept(')')) {
    do term(scanner)
    while (scanner.accept(','))
    scanner.expect(')')
  }
  return { kind: 'select', fields: [] }
}

/** Reads the content of `not(…)`: one expression, without AND, OR or another NOT in it. */
function negation (scanner: Scanner): Expression {
  const inner = term(scanner)
  if (!plain.has(inner.kind)) throw scanner.error()
  scanner.expect(')')
  return { kind: 'not', term: inner }
}

function signed (scanner: Scanner, kind: 'ordering' | 'select'): Expression {
  const fields: string[] = []
  if (scanner.accept(')')) return { kind, fields }
  do {
    const sign = scanner.accept('-') ? '-' : ''
    if (sign === '') scanner.accept('+')
    fields.push(`${sign}${scanner.property()}`)
  } while (scanner.accept(','))
  scanner.expect(')')
  return { kind, fields }
}

function equality (scanner: Scanner): Expression {
  const field = scanner.property()
  scanner.expect('=')
  const start = scanner.position
  for (const operator of comparisons) {
    if (scanner.accept(`${operator}=`)) {
      return { kind: 'compare', operator: operator as Comparison, field, value: scanner.value() }
    }
  }
  scanner.back(start)
  return { kind: 'compare', operator: 'eq', field, value: scanner.value() }
}
