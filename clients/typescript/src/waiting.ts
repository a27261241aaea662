import { sleep } from './retries.ts'
import type { Reconciliation, UsageChunk, UsageFile } from './types.ts'

/** What to wait for: one object by its id. */
export type WaitTarget = { fileId: string } | { chunkId: string } | { reconciliationId: string }

/** The object of a target. */
export type Waited<Target> = Target extends { fileId: string } ? UsageFile
  : Target extends { chunkId: string } ? UsageChunk : Reconciliation

type Kind = 'file' | 'chunk' | 'reconciliation'

/** The service waits at most 50 s. Proxies often end a request after 60 s. */
const WAIT_SECONDS = 45
/** When the service stops, it ends all waits at once. The next request comes after this pause, not at once. */
const PAUSE_MS = 1000

/**
 * Reads an object by `Prefer: wait` until Connect no longer works on it, and gives it. Throws the reason of the signal
 * when it aborts.
 */
export async function waitUntilAtRest<T extends { readonly status: string | null }> (
  kind: Kind, read: (prefer: string) => Promise<T>, signal: AbortSignal | undefined
): Promise<T> {
  let early = 0
  for (;;) {
    const from = Date.now()
    const object = await read(`wait=${WAIT_SECONDS}`)
    early = Date.now() - from < (WAIT_SECONDS - 1) * 1000 ? early + 1 : 0
    const rest = REST[kind](object)
    // On some tenants of Connect `uploaded` is where a file rests. The service then answers before the time is over.
    if (rest === 'at-rest' || (rest === 'unclear' && early > 1)) return object
    if (early > 0) await sleep(PAUSE_MS, signal)
  }
}

type Rest = 'at-rest' | 'unclear' | 'moving'
interface Seen { readonly status: string | null, readonly subStatus?: string | null }

/** Whether Connect works on an object; the service has the same rules. */
const REST: Readonly<Record<Kind, (object: Seen) => Rest>> = {
  file: ({ status, subStatus }) => {
    if (subStatus === 'processing' || status === 'uploading' || status === 'processing') return 'moving'
    return status === 'uploaded' ? 'unclear' : 'at-rest'
  },
  chunk: ({ status }) => status === 'draft' ? 'moving' : 'at-rest',
  reconciliation: ({ status }) => status === 'uploaded' || status === 'processing' ? 'moving' : 'at-rest'
}
