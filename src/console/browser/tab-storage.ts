/**
 * What the console keeps in this tab alone (session storage): the credential, if the person wants that, writes that are
 * under way, and a report that is being made. The browser forgets it with the tab.
 */
const PREFIX = 'usage-console.'

/** Gives null for what is not there or cannot be read. */
export function readTab<Value> (name: string): Value | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name)
    return text === null ? null : JSON.parse(text) as Value
  } catch {
    return null
  }
}

/** Gives whether the value is kept. Browsers keep about five million characters for a tab. */
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

/** Forgets everything, when a person signs out. */
export function clearTab (): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
}
