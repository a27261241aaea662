/** The start of each name under which the console stores a value in the session storage of the tab. */
const PREFIX = 'usage-console.'

/** The values that the browser does not store: it has no room, or is set to store nothing. A reload forgets them. */
const unstored = new Map<string, string>()

/** Gives the value that the tab keeps under the name; null without a value, or for one that cannot be read. */
export function readTab<Value> (name: string): Value | null {
  try {
    const text = unstored.get(name) ?? sessionStorage.getItem(PREFIX + name)
    return text === null ? null : JSON.parse(text) as Value
  } catch {
    return null
  }
}

export function writeTab (name: string, value: unknown): void {
  const text = JSON.stringify(value)
  removeTab(name)
  try {
    sessionStorage.setItem(PREFIX + name, text)
  } catch {
    unstored.set(name, text)
  }
}

export function removeTab (name: string): void {
  unstored.delete(name)
  try {
    sessionStorage.removeItem(PREFIX + name)
  } catch {
    // The browser stores nothing.
  }
}

export function clearTab (): void {
  unstored.clear()
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
  } catch {
    // The browser stores nothing.
  }
}
