import type { Item, OutcomeCode, RecordOutcome } from './record-outcome.ts'

export interface CloseCounts {
  closed: number
  refused: number
  unknown: number
  /** The refused records with a code of INTERRUPTED: the same request, sent again, may close them. */
  interrupted: number
  /** Records refused for another billing id, perhaps ours in another form: this request may have closed them. */
  inDoubt: number
}

const INTERRUPTED: ReadonlySet<OutcomeCode> = new Set([
  'DRAINING', 'OVERLOADED', 'UPSTREAM_THROTTLED', 'UPSTREAM_UNREACHABLE'
])

/** Counts the outcomes of one bulk close, also of records whose outcome the caller no longer waits for. */
export class CloseProgress {
  readonly #counts: CloseCounts = { closed: 0, refused: 0, unknown: 0, interrupted: 0, inDoubt: 0 }
  readonly #running: (readonly Item[])[] = []

  begin (items: readonly Item[]): void {
    this.#running.push(items)
  }

  end (items: readonly Item[], outcomes: readonly RecordOutcome[]): void {
    this.#forget(items)
    this.#counts.inDoubt += items.filter(({ mayBeClosed }) => mayBeClosed).length
    this.add(outcomes)
  }

  /** For a batch that a fault of this service ended: its sent records count as unknown, the others not at all. */
  fail (items: readonly Item[]): void {
    this.#forget(items)
    this.#counts.unknown += sentOf(items)
  }

  add (outcomes: readonly RecordOutcome[]): void {
    for (const one of outcomes) {
      this.#counts[one.outcome] += 1
      if ('code' in one && INTERRUPTED.has(one.code)) this.#counts.interrupted += 1
    }
  }

  /** Gives the counts as they are now. A record that was sent and has no outcome yet counts as unknown. */
  now (): CloseCounts {
    let unknown = this.#counts.unknown
    for (const items of this.#running) unknown += sentOf(items)
    return { ...this.#counts, unknown }
  }

  #forget (items: readonly Item[]): void {
    this.#running.splice(this.#running.indexOf(items), 1)
  }
}

function sentOf (items: readonly Item[]): number {
  return items.reduce((count, { wasSent }) => count + (wasSent ? 1 : 0), 0)
}
