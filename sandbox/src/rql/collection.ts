/**
 * The comparisons that a field allows, by its kind: see `allowed` in evaluate.ts. They are those of Connect's
 * specification.
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
  /** Whether the value of a row never changes. */
  fixed?: boolean
}

export interface Collection<T> {
  fields: Readonly<Record<string, Field<T>>>
  /**
   * Gives a row several times, once for each of its values of one kind. All conditions must hold for the same one of
   * them.
   */
  variants?: (row: T) => readonly T[]
  /**
   * Gives the only rows that can have this value in this field; null when it cannot tell. It is used for an equality
   * that must hold, and makes the query faster. The rows are those of one parent: an account sees all of them or none,
   * and the parent gets another array when they change.
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
