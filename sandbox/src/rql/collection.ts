/** The comparisons that a field allows, as Connect specifies. Only `number`, for usage rules, is our own. */
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
   * Gives the rows with this value in this field if they belong to one parent, such as a usage file; else null. An
   * account must see all of these rows or none. The parent must get a new array when a row is added or removed.
   */
  narrow?: (field: string, value: string) => readonly T[] | null
}

type Get<T> = Field<T>['get']
type Extra = Pick<Field<unknown>, 'search' | 'ordering' | 'nullable' | 'fixed'>

/** A sortable field is searchable, too. */
export const searchable = { search: true }
export const sortable = { search: true, ordering: true }

export const text = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'text', get, ...extra })
export const choice = <T>(choices: readonly string[], get: Get<T>, extra: Extra = {}): Field<T> =>
  ({ lookups: 'choice', choices, get, ...extra })
/** A field whose values are any text. Like a choice, it cannot be compared with null() or empty(). */
export const freeText = <T>(get: Get<T>, extra: Extra = searchable): Field<T> => ({ lookups: 'choice', get, ...extra })
/** A field that is compared by its exact numeric value: `1.50` equals `1.5`. */
export const number = <T>(get: Get<T>): Field<T> => ({ lookups: 'number', get })
export const date = <T>(get: Get<T>, extra: Extra = {}): Field<T> => ({ lookups: 'date', get, ...extra })
