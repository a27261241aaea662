import { useEffect, useState } from 'preact/hooks'

/** An address of the console. It is the part of the page's URL after the `#`: `#/files/UF-1/records?status=invalid`. */
export interface Route {
  /** The parts of the path, decoded: `['files', 'UF-1', 'records']`. */
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

export type Query = Readonly<Record<string, string | undefined>>

/** Gives the address for a link. Empty and undefined parameters are left out. */
export function hrefOf (path: readonly string[], query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, value)
  }
  const text = parameters.toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

export function goTo (href: string): void {
  location.hash = href
}

/** Gives the present address. The component is rendered again when the address changes. */
export function useRoute (): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const read = (): void => { setHash(location.hash) }
    window.addEventListener('hashchange', read)
    return () => { window.removeEventListener('hashchange', read) }
  }, [])
  return parse(hash)
}

function parse (hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return {
    path: path.split('/').filter(part => part !== '').map(decode),
    query: Object.fromEntries(new URLSearchParams(query))
  }
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
