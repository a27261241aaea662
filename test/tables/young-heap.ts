import { getHeapSpaceStatistics } from 'node:v8'

const ROUNDS = 120
const ROWS = 5_000
const ROUNDS_KEPT = 60

/** Fills the young generation of its thread with rows that live for some rounds. Gives its largest size in bytes. */
export function convert (): { result: { rows: number, bytes: number } } {
  let kept: object[][] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    if (kept.length === ROUNDS_KEPT) kept = []
    kept.push(Array.from({ length: ROWS }, (_, n) => ({ n, text: `row ${n}` })))
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    bytes = Math.max(bytes, young?.physical_space_size ?? 0)
  }
  return { result: { rows: kept.length, bytes } }
}
