import { scrub } from '../secrets.ts'

/** `words` completes the sentence "must be …" of a fault. */
export interface Form { pattern: RegExp, words: string }

/** Reports what is wrong at a place of a file. Neither text may quote a secret. */
export type Fault = (where: string, what: string) => void

/**
 * Gives the object. Reports a value that is no object, and gives {} then. Also reports each member that is not in
 * `known`, but keeps it. With `known` null, any member is allowed.
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

export function list (value: unknown, where: string, fault: Fault): unknown[] {
  if (Array.isArray(value)) return value
  fault(where, 'must be a list')
  return []
}

/** Gives the text. Reports a value that does not have the form, and gives '' then. */
export function string (value: unknown, form: Form, where: string, fault: Fault): string {
  if (typeof value === 'string' && form.pattern.test(value)) return value
  fault(where, `must be ${form.words}`)
  return ''
}

/**
 * Adds a value to `seen`. Reports a value that is in `seen` already, except '': it stands for a value whose own fault
 * was reported.
 */
export function once (value: string, seen: Set<string>, where: string, fault: Fault): void {
  if (value !== '' && seen.has(value)) fault(where, 'is used twice')
  seen.add(value)
}

export function isLoopback (hostname: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file', EACCES: 'the user of this process may not read it', EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder', EINVAL: 'it is a pipe or a device', EFBIG: 'it is larger than 64 MiB'
}

export function unreadable (path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return `${scrub(path)} cannot be read: ${REASONS[code ?? ''] ?? 'the system refuses it'} (${code ?? 'unknown error'})`
}
