/**
 * The beginning of all names under which the console stores values in the session storage of this tab, such as
 * unfinished writes, a report that is being made and, if the person wants that, the credential. The browser forgets
 * them when the tab is closed.
 */
const PREFIX = 'usage-console.'

/** Gives a value that the tab stores; null when the tab stores no such value, or cannot read it. */
export function readTab<Value> (name: string): Value | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name)
    return text === null ? null : JSON.parse(text) as Value
  } catch {
    return null
  }
}

/**
 * Stores a value in the tab. Gives false when that is not possible, and then removes the earlier value. Browsers store
 * about five million characters for a tab.
 */
export function writeTab (name: string, value: unknown): boolean {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value))
    return true
  } catch {
    sessionStorage.removeItem(PREFIX + name)
    return false
  }
}

export function removeTab (name: string): void {
  sessionStorage.removeItem(PREFIX + name)
}

/** Removes all values that the console stores in the tab. */
export function clearTab (): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
}
