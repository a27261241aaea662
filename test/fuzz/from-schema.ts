import fc from 'fast-check'
import { follow, type Document, type Json } from '../contract/document.ts'

/** Texts that have been trouble somewhere. */
const NASTY = [
  '',
  ' ',
  '\u0000',
  '\u0007',
  '\ud800',
  '\u{1F4CA}',
  'é',
  '../..',
  '..%2f',
  '%',
  '%00',
  '"',
  "'",
  '\\',
  ',',
  ';',
  '(',
  ')',
  '*',
  '&',
  '=',
  '__proto__',
  'constructor',
  'null',
  'true',
  '-1',
  '1e3',
  '0',
  'in(id,(a))',
  'x'.repeat(300),
  'x'.repeat(5000),
  '2026-02-30',
  '2026-10-01T25:00:00Z',
  '\r\nX-Evil: 1'
]
export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 20 })
)

/** What JSON can hold and no schema here expects. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.constant([[]]),
  fc.constant(1e300),
  fc.constant(-0.5),
  fc.jsonValue({ maxDepth: 2 })
)

/** Values that a schema of the document allows. */
export function valid (document: Document, given: Json): fc.Arbitrary<unknown> {
  const schema = follow(document, given)
  const options = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined
  if (options !== undefined) return fc.oneof(...options.map(option => valid(document, option)))
  if (schema['enum'] !== undefined) return fc.constantFrom(...schema['enum'] as unknown[])
  const types = [schema['type']].flat() as string[]
  return fc.oneof(...types.map(type => ofType(document, schema, type)))
}

function ofType (document: Document, schema: Json, type: string): fc.Arbitrary<unknown> {
  const number = (name: string, otherwise: number): number => (schema[name] as number | undefined) ?? otherwise
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({ min: number('minimum', 0), max: number('maximum', 100_000) })
    case 'array':
      return fc.array(valid(document, schema['items'] as Json), {
        minLength: number('minItems', 0),
        maxLength: Math.min(number('maxItems', 3), 3)
      })
    case 'object':
      return objectOf(document, schema)
    default:
      return textOf(schema, number('minLength', 0), number('maxLength', 50))
  }
}

function textOf (schema: Json, minLength: number, maxLength: number): fc.Arbitrary<string> {
  const { pattern, examples } = schema as { pattern?: string, examples?: string[] }
  const some = fc.string({ minLength, maxLength: Math.min(maxLength, 50) })
  // fast-check cannot make texts for a lookahead, which stands for "no white space at the ends, and something visible".
  const isTrimmed = pattern?.includes('(?=') === true || pattern === '\\S'
  const any = isTrimmed
    ? some.map(text => text.length < 2 ? 'x' : `x${text.slice(2)}x`)
    : pattern === undefined ? some : fc.stringMatching(new RegExp(pattern))
  return examples === undefined
    ? any
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: any })
}

function objectOf (document: Document, schema: Json): fc.Arbitrary<Record<string, unknown>> {
  const properties = Object.fromEntries(
    Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(([name, one]) => [
      name,
      valid(document, one)
    ])
  )
  return fc.record(properties, { requiredKeys: (schema['required'] ?? []) as string[] })
}

/** One change that may make a value wrong, anywhere in it. */
export interface Change { at: number, what: 'replace' | 'remove' | 'add', by: unknown }
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ at: fc.nat(), what: fc.constantFrom<Change['what']>('replace', 'replace', 'remove', 'add'), by: odd }),
  { minLength: 1, maxLength: 4 }
)

/** The value with each change at one of its places; the value itself stays. */
export function changed (value: unknown, list: readonly Change[]): unknown {
  const root = { value: structuredClone(value) }
  for (const { at, what, by } of list) {
    const places = placesIn(root)
    const place = places[at % places.length]
    if (place === undefined) continue
    const { holder, name } = place
    if (what === 'replace') holder[name] = structuredClone(by)
    else if (what === 'add') holder[`${name}X`] = structuredClone(by)
    else if (Array.isArray(holder)) holder.splice(Number(name), 1)
    else if (holder !== root) Reflect.deleteProperty(holder, name)
  }
  return root.value
}

interface Place { holder: Record<string, unknown>, name: string }

function placesIn (holder: object): Place[] {
  return Object.entries(holder).flatMap(([name, value]: [string, unknown]) => [
    { holder: holder as Record<string, unknown>, name },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : [])
  ])
}
