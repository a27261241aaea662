import { sha256Hex, type Callers } from './callers.ts'
import { NO_CALLERS, parseCallers } from './callers-file.ts'

/** What a second reading of the callers came to; where it has faults, the callers stay as they were. */
export type Reload = { outcome: 'unchanged' | 'changed' } | { outcome: 'faulty', faults: readonly string[] }

/** Who may call, as of now. */
export interface CallersSource {
  /** A request asks once and keeps what it got until its end. */
  current: () => Callers
  /** Reads everything again, and replaces the callers at once or not at all. */
  reload: () => Reload
  /** The files it reads: that of the callers and those of the credentials it names. */
  paths: () => readonly string[]
}

/** Callers that never change. */
export function fixedCallers (callers: Callers): CallersSource {
  return { current: () => callers, reload: () => ({ outcome: 'unchanged' }), paths: () => [] }
}

/**
 * The callers of a file. Takes its path and a reader that throws for what cannot be read; gives the source and the
 * faults of the first reading.
 */
export function callersOfFile (
  path: string,
  readFile: (path: string) => string
): { source: CallersSource; faults: readonly string[] } {
  let callers = NO_CALLERS
  let faults: readonly string[] = []
  let paths: readonly string[] = []
  let seen = ''
  const reload = (): Reload => {
    const read = new Map<string, string | null>()
    const parsed = parseFile(path, one => {
      read.set(one, null)
      const text = readFile(one)
      read.set(one, text)
      return text
    })
    paths = [...read.keys()]
    const found = sha256Hex(JSON.stringify([...read]))
    const isSame = found === seen
    seen = found
    faults = parsed.faults
    if (faults.length > 0) return { outcome: 'faulty', faults }
    if (isSame) return { outcome: 'unchanged' }
    callers = parsed.callers
    return { outcome: 'changed' }
  }
  reload()
  return { source: { current: () => callers, reload, paths: () => paths }, faults }
}

function parseFile (path: string, read: (path: string) => string): { callers: Callers, faults: string[] } {
  let text: string
  try {
    text = read(path)
  } catch {
    return { callers: NO_CALLERS, faults: ['CALLERS_FILE: cannot be read'] }
  }
  return parseCallers(text, read)
}
