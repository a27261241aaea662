export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'like' | 'ilike'
export type Value = { kind: 'text', text: string } | { kind: 'null' } | { kind: 'empty' }

export type Expression =
  | { kind: 'compare', operator: Comparison, field: string, value: Value }
  | { kind: 'list', operator: 'in' | 'out', field: string, values: Value[] }
  | { kind: 'and' | 'or', terms: Expression[] }
  | { kind: 'not', term: Expression }
  | { kind: 'ordering' | 'select', fields: string[] }

export class RqlError extends Error {}
