import { setImmediate as immediate } from 'node:timers/promises'

let last: Promise<void> = Promise.resolve()

/**
 * Waits for an iteration of the event loop that no other caller of this function gets. Work that takes some 20 ms in
 * one piece waits here before it begins. So other requests run between two such pieces, however many there are.
 */
export async function ownIteration (): Promise<void> {
  last = last.then(async () => { await immediate() })
  await last
}
