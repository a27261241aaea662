import { sleep } from './retries.ts'
import type { Reconciliation, UsageChunk, UsageFile } from './types.ts'

/** The object to wait for, by its id. */
export type WaitTarget = { fileId: string } | { chunkId: string } | { reconciliationId: string }

/** The type of the object that a target names. */
export type Waited<Target> = Target extends { fileId: string } ? UsageFile
  : Target extends { chunkId: string } ? UsageChunk : Reconciliation

type Kind = 'file' | 'chunk' | 'reconciliation'

/** The service waits 50 s at most for the end of Connect's work. Many proxies end a request after 60 s. */
const WAIT_SECONDS = 45
/** The pause after an early answer. A service that stops ends all waits, and should not be asked again at once. */
const PAUSE_MS = 1000

/** Repeats a read with `Prefer: wait` until Connect's work on the object is over. */
export async function waitUntilAtRest<T extends { readonly status: string | null }> (
  kind: Kind, read: (prefer: string) => Promise<T>, signal: AbortSignal | undefined
): Promise<T> {
  let early = 0
  for (;;) {
    const from = Date.now()
    const object = await read(`wait=${WAIT_SECONDS}`)
    early = Date.now() - from < (WAIT_SECONDS - 1) * 1000 ? early + 1 : 0
    const rest = REST[kind](object)
    // On some tenants of Connect a valid file stays `uploaded` until its submission. The service then answers early, as
    // it does when it stops. So `uploaded` ends the wait only if this answer and the one before were early.
    if (rest === 'at-rest' || (rest === 'unclear' && early > 1)) return object
    if (early > 0) await sleep(PAUSE_MS, signal)
  }
}

type Rest = 'at-rest' | 'unclear' | 'moving'
interface Seen { readonly status: string | null, readonly subStatus?: string | null }

/** Whether Connect works on an object. `unclear`: the status `uploaded` of a file does not tell. */
const REST: Readonly<Record<Kind, (object: Seen) => Rest>> = {
  file: ({ status, subStatus }) => {
    if (subStatus === 'processing' || status === 'uploading' || status === 'processing') return 'moving'
    return status === 'uploaded' ? 'unclear' : 'at-rest'
  },
  chunk: ({ status }) => status === 'draft' ? 'moving' : 'at-rest',
  reconciliation: ({ status }) => status === 'uploaded' || status === 'processing' ? 'moving' : 'at-rest'
}
