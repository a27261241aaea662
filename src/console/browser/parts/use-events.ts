import type { EventFilter, UsageEvent } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session.tsx'

/** Milliseconds from the last change to the reload. So changes that come together make only one reload. */
const PAUSE_MS = 300
/**
 * A new stream begins with the present statuses, also of objects that the page does not show. Until this number
 * of milliseconds has passed, an event of an object that the page does not show is no change if it has no previous
 * status.
 */
const BEGINNING_MS = 3_000

interface Shown { id: string, status: string | null }

interface Watch {
  /** Without ids, all usage files in some statuses are watched (see EventFilter). Null: nothing is watched. */
  target: EventFilter | null
  /** The objects that the page shows. When the service tells another status of one, that is a change, too. */
  shown: readonly Shown[]
  onChange: () => void
}

/**
 * Calls `onChange` after watched objects have changed, and when the page becomes visible again. `isStale`: by the last
 * event, the service cannot read from Connect. A hidden page has no stream, because with HTTP/1.1 a browser has only
 * six connections to a server for all its tabs.
 */
export function useEvents ({ target, shown, onChange }: Watch): { isStale: boolean } {
  const { client } = useSession()
  const [isStale, setIsStale] = useState(false)
  const latest = useRef({ shown, onChange })
  latest.current = { shown, onChange }
  const isVisible = useIsVisible()
  const wasHidden = useRef(false)
  useEffect(() => {
    if (isVisible && wasHidden.current) latest.current.onChange()
    wasHidden.current = !isVisible
  }, [isVisible])
  useEffect(() => {
    if (target === null || !isVisible) return
    const seen = new Set<string>()
    const openedAt = Date.now()
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (event: UsageEvent): void => {
      setIsStale(event.type === 'stale')
      if (event.type === 'stale') return
      const isNew = !seen.has(event.id) && Date.now() - openedAt > BEGINNING_MS
      seen.add(event.id)
      if (!isChange(event, latest.current.shown, isNew)) return
      clearTimeout(timer)
      timer = setTimeout(() => { latest.current.onChange() }, PAUSE_MS)
    }
    const watch = async (): Promise<void> => {
      for await (const event of client.events(target, { signal: controller.signal })) take(event)
    }
    // An error of the stream is ignored: the page works without the stream, and the next request that fails shows the
    // cause.
    watch().catch(() => {})
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [client, JSON.stringify(target), isVisible])
  return { isStale }
}

/** `isNew`: the stream is no longer at its beginning, and this is its first event of the object. */
function isChange (event: Exclude<UsageEvent, { type: 'stale' }>, shown: readonly Shown[], isNew: boolean): boolean {
  if (event.previousStatus !== null) return true
  const object = shown.find(({ id }) => id === event.id)
  // The event tells the present status, which may be newer than the one that the page shows.
  return object === undefined ? isNew : object.status !== event.status
}

function useIsVisible (): boolean {
  const [isVisible, setIsVisible] = useState(document.visibilityState === 'visible')
  useEffect(() => {
    const look = (): void => { setIsVisible(document.visibilityState === 'visible') }
    document.addEventListener('visibilitychange', look)
    return () => { document.removeEventListener('visibilitychange', look) }
  }, [])
  return isVisible
}
