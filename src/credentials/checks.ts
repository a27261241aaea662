import { scrub } from '../secrets.ts'

/** The form that a text must have. `words` describes the form and completes the sentence "must be …" of a fault. */
export interface Form { pattern: RegExp, words: string }

/** Reports a fault of a file: the place of the fault, and what is wrong. Neither may quote a secret. */
export type Fault = (where: string, what: string) => void

/**
 * Checks that a value is an object with only the members in `known` (null: any members), and reports what is wrong.
 * Gives the object, also with unknown members; {} for any other value.
 */
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

/** Checks that a value is a list. Gives the list; for any other value a fault and an empty list. */
export function list (value: unknown, where: string, fault: Fault): unknown[] {
  if (Array.isArray(value)) return value
  fault(where, 'must be a list')
  return []
}

/** Checks that a value is a text of the form. Gives the text; for any other value a fault and an empty text. */
export function string (value: unknown, form: Form, where: string, fault: Fault): string {
  if (typeof value === 'string' && form.pattern.test(value)) return value
  fault(where, `must be ${form.words}`)
  return ''
}

/** Adds a value to `seen`. Reports a fault when the value was there before, unless the value is empty. */
export function once (value: string, seen: Set<string>, where: string, fault: Fault): void {
  if (value !== '' && seen.has(value)) fault(where, 'is used twice')
  seen.add(value)
}

/** Whether the `hostname` of a URL names this machine: `localhost`, 127.x.x.x or ::1. */
export function isLoopback (hostname: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file', EACCES: 'the user of this process may not read it', EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder', EINVAL: 'it is a pipe or a device', EFBIG: 'it is larger than 64 MiB'
}

/** Describes for a fault why a file cannot be read. Shows the path, without secrets of known forms. */
export function unreadable (path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return `${scrub(path)} cannot be read: ${REASONS[code ?? ''] ?? 'the system refuses it'} (${code ?? 'unknown error'})`
}
