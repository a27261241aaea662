import { newKey, UsageApiError } from '@connect-usage-bff/client'
import { useRef, useState } from 'preact/hooks'
import { readTab, removeTab, writeTab } from './tab-storage.ts'

/** A write whose outcome is not known. The tab stores it, so that it has the same Idempotency-Key after a reload. */
export interface PendingWrite {
  /** For example `submit UF-2026-10-0001-0001`. The tab stores one write for each name. */
  name: string
  body: unknown
  key: string
  /** Set after an error that is no refusal (see `isRefusal`): then a person decides whether the write is sent again. */
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
 * Sends a write with an Idempotency-Key. The tab stores the key until the write succeeds or is refused for good. Until
 * then a write with the same `name` and `body` gets this key again, also after a reload, so that it is not done twice.
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
    // A 403 says that the caller may not write now. An earlier send of the same write may have had an effect all the
    // same, so the write stays stored.
    const isDoubtful = write.hasFailed === true && error instanceof UsageApiError && error.status === 403
    if (isRefusal(error) && !isDoubtful) forgetWrite(name)
    else keepWrite({ ...write, hasFailed: true })
    throw error
  }
}

function keepWrite (write: PendingWrite): void {
  writeTab(KEPT, [...pendingWrites().filter(({ name }) => name !== write.name), write])
}

/** Whether a write was refused for good. False, for example, for 401, 408 and 429: the write may succeed later. */
export function isRefusal (error: unknown): boolean {
  if (!(error instanceof UsageApiError) || error.mayRepeat) return false
  return error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 408
}

export interface Work {
  isBusy: boolean
  error: unknown
  /** Does the work, and does not throw. A call while other work runs does nothing. */
  run: (work: () => Promise<void>) => Promise<void>
  /** Removes the error. */
  clear: () => void
}

/** Runs one piece of work at a time and gives its state. `error` is set after a failure, until `clear` or a `run`. */
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
  return { ...state, run, clear: () => { setState(last => ({ ...last, error: undefined })) } }
}
