import { useCallback, useEffect, useState } from 'preact/hooks'
import { useSession } from '../session.tsx'

export interface Loaded<Data> {
  /** The data that arrived last; undefined before the first. It stays while newer data is read, and after a failure. */
  data: Data | undefined
  error: unknown
  isLoading: boolean
  reload: () => void
  /** Replaces the data, for example by the answer of a write. */
  set: (data: Data) => void
}

export async function allOf<Item> (list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of list) items.push(item)
  return items
}

interface State<Data> { data: Data | undefined, error: unknown, isLoading: boolean }

/**
 * Reads data when the component appears, and again at `reload`, when `key` changes, and after a new sign-in. The
 * request is aborted when the component is removed, or when a newer request replaces it.
 */
export function useLoad<Data> (load: (signal: AbortSignal) => Promise<Data>, key: string): Loaded<Data> {
  const [state, setState] = useState<State<Data>>({ data: undefined, error: undefined, isLoading: true })
  const [round, setRound] = useState(0)
  const { client } = useSession()
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const settle = (next: Partial<State<Data>>): void => {
      if (!signal.aborted) setState(last => ({ ...last, error: undefined, isLoading: false, ...next }))
    }
    setState(last => ({ ...last, isLoading: true }))
    load(signal).then(data => { settle({ data }) }, (error: unknown) => { settle({ error }) })
    return () => { controller.abort() }
  }, [key, round, client])
  const reload = useCallback(() => { setRound(last => last + 1) }, [])
  const set = useCallback((data: Data) => { setState({ data, error: undefined, isLoading: false }) }, [])
  return { ...state, reload, set }
}
