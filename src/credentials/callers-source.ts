import { sha256Hex, type Callers } from './callers.ts'
import { NO_CALLERS, parseCallers } from './callers-file.ts'
import { unreadable } from './checks.ts'

/**
 * `unchanged`: the files have no fault, and are the same as at the previous reading. `faulty`: the files have faults,
 * so the callers in use stay.
 */
export type Reload = { outcome: 'unchanged' | 'changed' } | { outcome: 'faulty', faults: readonly string[] }

export interface CallersSource {
  /** The callers in use. A reload replaces the whole object, and does not change it. */
  current: () => Callers
  /** Reads all files again. Replaces all callers together, or none. Does not throw for a file that cannot be read. */
  reload: () => Reload
  /** Gives the paths that the last reading tried to read: the callers file and token files. None for `fixedCallers`. */
  paths: () => readonly string[]
}

export function fixedCallers (callers: Callers): CallersSource {
  return { current: () => callers, reload: () => ({ outcome: 'unchanged' }), paths: () => [] }
}

/** `faults` are those of the first reading, which is done at once. With faults the source begins without callers. */
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
  } catch (error) {
    return { callers: NO_CALLERS, faults: [`CALLERS_FILE: ${unreadable(path, error)}`] }
  }
  return parseCallers(text, read)
}
