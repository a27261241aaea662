/**
 * The kind of a field, which says by which comparisons it can be filtered (`allowed` in evaluate.ts). The comparisons
 * are those of Connect's specification. Those of `number` are our own: only the expressions of usage rules compare
 * numbers, such as the amount of a record (state/rule-verdict.ts).
 */
export type Lookups = 'text' | 'choice' | 'date' | 'dateRange' | 'number'

export interface Field<T> {
  lookups: Lookups
  get: (row: T) => string | null | undefined
  choices?: readonly string[]
  /** Whether a choice may be compared with null(), too. */
  nullable?: boolean
  search?: boolean
  ordering?: boolean
  /** Whether the field of a row never changes its value. */
  fixed?: boolean
}

export interface Collection<T> {
  fields: Readonly<Record<string, Field<T>>>
  /**
   * Gives copies of a row for fields that have several values, such as the parameters of an asset: each copy has one of
   * the values; a row without values is given as it is. A row is listed when all conditions hold for one of its copies.
   */
  variants?: (row: T) => readonly T[]
  /**
   * Gives all rows that have this value in this field, when they belong to one parent, such as a usage file; null when
   * it cannot tell. It makes a query with such an equality fast. An account must see all of these rows or none, and the
   * parent must get a new array when rows are added or removed.
   */
  narrow?: (field: string, value: string) => readonly T[] | null
}

type Get<T> = Field<T>['get']
type Extra = Pick<Field<unknown>, 'search' | 'ordering' | 'nullable' | 'fixed'>

export const text = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'text', get, ...extra })
export const choice = <T>(choices: readonly string[], get: Get<T>, extra: Extra = {}): Field<T> =>
  ({ lookups: 'choice', choices, get, ...extra })
/** A field that is compared by its exact numeric value: `1.50` equals `1.5`. */
export const number = <T>(get: Get<T>): Field<T> => ({ lookups: 'number', get })
export const date = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'date', get, ...extra })
