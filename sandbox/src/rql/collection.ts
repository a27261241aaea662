/** What a collection can be filtered and ordered by; the lookups are those of the specification. */
export type Lookups = 'text' | 'choice' | 'date' | 'dateRange' | 'number'

export interface Field<T> {
  lookups: Lookups
  get: (row: T) => string | null | undefined
  choices?: readonly string[]
  /** A choice that may be compared with null() too. */
  nullable?: boolean
  search?: boolean
  ordering?: boolean
  /** The value of a row never changes. */
  fixed?: boolean
}

export interface Collection<T> {
  fields: Readonly<Record<string, Field<T>>>
  /** The row once for each of its many values of one kind. All conditions must hold for one of them. */
  variants?: (row: T) => readonly T[]
  /**
   * Narrows the rows by an equality the query cannot do without: only a matter of speed. The array is that of one
   * parent: all its rows are visible or none, and the parent gets another array when they change.
   */
  narrow?: (field: string, value: string) => readonly T[] | null
}

type Get<T> = Field<T>['get']
type Extra = Pick<Field<unknown>, 'search' | 'ordering' | 'nullable' | 'fixed'>

export const text = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'text', get, ...extra })
export const choice = <T>(choices: readonly string[], get: Get<T>, extra: Extra = {}): Field<T> =>
  ({ lookups: 'choice', choices, get, ...extra })
/** Compared by value, exactly: `1.50` equals `1.5`. */
export const number = <T>(get: Get<T>): Field<T> => ({ lookups: 'number', get })
export const date = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'date', get, ...extra })
