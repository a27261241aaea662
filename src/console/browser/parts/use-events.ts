import type { EventFilter, UsageEvent } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useSession } from '../session.tsx'

/** Changes that come together make one reload. */
const PAUSE_MS = 300
/** Milliseconds in which a new stream tells the present statuses, also of objects that the page does not show. */
const BEGINNING_MS = 3_000

interface Shown { id: string, status: string | null }

interface Watch {
  /** What is watched: without ids every usage file that Connect works on or that is pending; with null nothing. */
  target: EventFilter | null
  /** What the page shows. An object that is shown with an older status is a change, too. */
  shown: readonly Shown[]
  onChange: () => void
}

/**
 * Calls `onChange` after objects have changed, and when the page is shown again. Gives whether Connect cannot be asked
 * at the moment. A page that nobody sees has no stream: with HTTP/1.1 a browser has six connections for all its tabs.
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
    // Without events the page still shows everything, and the request that fails next tells why.
    watch().catch(() => {})
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [client, JSON.stringify(target), isVisible])
  return { isStale }
}

/** Whether the page should read anew. `isNew`: the stream had no event of the object before. */
function isChange (event: Exclude<UsageEvent, { type: 'stale' }>, shown: readonly Shown[], isNew: boolean): boolean {
  if (event.previousStatus !== null) return true
  const object = shown.find(({ id }) => id === event.id)
  // The present status, which may be newer than the one that the page shows.
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
