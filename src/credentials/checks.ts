/** The form of a text. `words` describes the form and completes the sentence "must be …". */
export interface Form { pattern: RegExp, words: string }

/** Is called with each fault of a file: its place, and the fault. Neither may quote a secret. */
export type Fault = (where: string, what: string) => void

/** Checks that a value is an object with known members (null: any). Gives the object; after a fault an empty one. */
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

/** Checks that a value is a list. Gives the list; after a fault an empty one. */
export function list (value: unknown, where: string, fault: Fault): unknown[] {
  if (Array.isArray(value)) return value
  fault(where, 'must be a list')
  return []
}

/** Checks that a value is a text of the form. Gives the text; after a fault an empty one. */
export function string (value: unknown, form: Form, where: string, fault: Fault): string {
  if (typeof value === 'string' && form.pattern.test(value)) return value
  fault(where, `must be ${form.words}`)
  return ''
}

/** Adds a value to `seen`. Reports a fault when the value was there before. */
export function once (value: string, seen: Set<string>, where: string, fault: Fault): void {
  if (value !== '' && seen.has(value)) fault(where, 'is used twice')
  seen.add(value)
}
