/** The start of each name in the session storage of the tab. The browser forgets them when the tab is closed. */
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

/** When the value cannot be stored, gives false and removes the earlier value. */
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

export function clearTab (): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
}
