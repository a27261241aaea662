import { setImmediate as immediate } from 'node:timers/promises'

let last: Promise<void> = Promise.resolve()

/**
 * Waits for an iteration of the event loop that no other call of this function gets. Is called before work that may
 * take milliseconds, so that other requests are handled between two pieces of such work.
 */
export async function ownIteration (): Promise<void> {
  last = last.then(async () => { await immediate() })
  await last
}
