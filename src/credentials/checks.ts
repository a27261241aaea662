/** A form that a text must have, and the words that describe it after "must be". */
export interface Form { pattern: RegExp, words: string }

/** Takes one fault of a file: where it is, and what is wrong. It must quote no secret. */
export type Fault = (where: string, what: string) => void

/** Takes a value that must be an object, and the names it may have (null: any). Gives an empty object after a fault. */
export function record (
  value: unknown,
  known: readonly string[] | null,
  where: string,
  fault: Fault
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fault(where, 'must be an object')
    return {}
  }
  for (const name of Object.keys(value)) {
    if (known !== null && !known.includes(name)) fault(where, `has an unknown field; known are ${known.join(', ')}`)
  }
  return value as Record<string, unknown>
}

/** Takes a value that must be a list. Gives an empty list after a fault. */
export function list (value: unknown, where: string, fault: Fault): unknown[] {
  if (Array.isArray(value)) return value
  fault(where, 'must be a list')
  return []
}

/** Takes a value that must be a text of the form. Gives an empty text after a fault. */
export function string (value: unknown, form: Form, where: string, fault: Fault): string {
  if (typeof value === 'string' && form.pattern.test(value)) return value
  fault(where, `must be ${form.words}`)
  return ''
}

/** Tells a fault when the value is in `seen`, and adds it. */
export function once (value: string, seen: Set<string>, where: string, fault: Fault): void {
  if (value !== '' && seen.has(value)) fault(where, 'is used twice')
  seen.add(value)
}
