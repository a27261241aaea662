import { newKey, UsageApiError } from '@connect-usage-bff/client'
import { useRef, useState } from 'preact/hooks'
import { readTab, removeTab, writeTab } from './tab-storage.ts'

/** A write whose outcome is not known. The tab keeps it, so that the same write has the same key after a reload. */
export interface PendingWrite {
  /** What is done to what: `submit UF-2026-10-0001-0001`. */
  name: string
  body: unknown
  key: string
  /** It failed, and may have been done all the same: a person decides whether it is sent again. */
  hasFailed?: true
}

const KEPT = 'writes'

export function pendingWrites (): readonly PendingWrite[] {
  return readTab<PendingWrite[]>(KEPT) ?? []
}

export function forgetWrite (name: string): void {
  const rest = pendingWrites().filter(one => one.name !== name)
  if (rest.length === 0) removeTab(KEPT)
  else writeTab(KEPT, rest)
}

/**
 * Sends a write with an Idempotency-Key. The key is kept until the outcome is known, so a write with the same `name`
 * and `body` gets the same key after a failure or a reload, and happens once. Throws what `send` throws.
 */
export async function sendOnce<Answer> (
  name: string, body: unknown, send: (idempotencyKey: string) => Promise<Answer>
): Promise<Answer> {
  const kept = pendingWrites().find(one => one.name === name)
  const isSame = kept !== undefined && JSON.stringify(kept.body) === JSON.stringify(body)
  const write = isSame ? kept : { name, body, key: newKey() }
  keepWrite(write)
  try {
    const answer = await send(write.key)
    forgetWrite(name)
    return answer
  } catch (error) {
    // Who may not write now may have written before: a 403 tells nothing of an earlier send.
    const isDoubtful = write.hasFailed === true && error instanceof UsageApiError && error.status === 403
    if (isRefusal(error) && !isDoubtful) forgetWrite(name)
    else keepWrite({ ...write, hasFailed: true })
    throw error
  }
}

function keepWrite (write: PendingWrite): void {
  writeTab(KEPT, [...pendingWrites().filter(({ name }) => name !== write.name), write])
}

/** Whether the service refused the write for good and did nothing. After a 401 or 408 the write may be sent again. */
export function isRefusal (error: unknown): boolean {
  if (!(error instanceof UsageApiError) || error.mayRepeat) return false
  return error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 408
}

export interface Work {
  isBusy: boolean
  error: unknown
  /** Does the work. A second call while one runs does nothing. */
  run: (work: () => Promise<void>) => Promise<void>
  clear: () => void
}

/** Work that a person starts with a button: busy while it runs, then done or with an error. */
export function useWork (): Work {
  const [state, setState] = useState<{ isBusy: boolean, error: unknown }>({ isBusy: false, error: undefined })
  const isRunning = useRef(false)
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (isRunning.current) return
    isRunning.current = true
    setState({ isBusy: true, error: undefined })
    let error: unknown
    try {
      await work()
    } catch (thrown) {
      error = thrown
    }
    isRunning.current = false
    setState({ isBusy: false, error })
  }
  return { ...state, run, clear: () => { setState({ isBusy: false, error: undefined }) } }
}
