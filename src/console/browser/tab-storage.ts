/** The start of each name under which the console stores a value in the session storage of the tab. */
const PREFIX = 'usage-console.'

/** Gives the value that the tab stores under the name; null when there is none, or when it cannot be read. */
export function readTab<Value> (name: string): Value | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name)
    return text === null ? null : JSON.parse(text) as Value
  } catch {
    return null
  }
}

/** When there is no room for the value, gives false and removes the earlier value. */
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
