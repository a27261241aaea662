import { setImmediate as immediate } from 'node:timers/promises'
import { closeBatch } from './close-batch.ts'
import type { CloseProgress } from './progress.ts'
import { ReadBack, type Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import { Item, type CloseSummary, type RecordOutcome } from './record-outcome.ts'
import type { Sender } from './send-batch.ts'
import type { RecordToClose } from './spooled-records.ts'
import { ThrottleState, type AccountThrottle } from './throttle-state.ts'

export interface CloseOptions {
  batchSize: number
  concurrency: number
  /** The throttle state of the caller's account. Default: a new state that no other request shares. */
  account?: AccountThrottle
  /** The time in ms without a usable answer of Connect after which no further call is made. Default: 30 s. */
  patienceMs?: number
  /** Counts the outcomes of all batches, also after the HTTP caller has left. */
  progress?: CloseProgress
}

/**
 * Closes items whose ids are all different, in batches. At most `concurrency` batches run at the same time. Yields
 * outcomes as they become known, one for each item; returns their counts. Begins no further batch until the next
 * outcomes are asked for. When the generator is ended early, it waits for the batches that were begun. These may still
 * make calls.
 */
export async function * closeItems (
  blocks: AsyncIterable<Iterable<Item>>, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const summary: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  const throttle = new ThrottleState(options.batchSize, options.account, options.patienceMs)
  const batches = new RunningBatches(connect, throttle, options.progress)
  const next = async (): Promise<RecordOutcome[]> => {
    const outcomes = await batches.next()
    countOutcomes(summary, outcomes)
    return outcomes
  }
  try {
    let batch: Item[] = []
    for await (const block of blocks) {
      // To prepare a batch takes milliseconds, so other requests run before each block.
      await immediate()
      while (batches.hasEnded) yield await next()
      for (const item of block) {
        batch.push(item)
        if (batch.length < throttle.batchSize) continue
        if (batches.count >= options.concurrency) yield await next()
        batches.start(batch)
        batch = []
      }
    }
    if (batch.length > 0) {
      if (batches.count >= options.concurrency) yield await next()
      batches.start(batch)
    }
    while (batches.count > 0) yield await next()
    return summary
  } finally {
    await batches.allEnded()
  }
}

export function itemOf (index: number, record: RecordToClose, defaults: Defaults): Item {
  const { id, externalBillingId, externalBillingNote } = record
  return new Item(
    index,
    id,
    externalBillingId ?? defaults.externalBillingId ?? '',
    externalBillingNote ?? defaults.externalBillingNote
  )
}

export function countOutcomes (summary: CloseSummary, outcomes: readonly RecordOutcome[]): void {
  summary.requested += outcomes.length
  for (const { outcome } of outcomes) summary[outcome] += 1
}

interface EndedBatch { work: Promise<EndedBatch>, outcomes: RecordOutcome[] }

/**
 * Closes batches of one bulk close. `count` is the number of batches that were started and whose outcomes `next` has
 * not given.
 */
class RunningBatches {
  readonly #connect: Sender & Reader
  readonly #throttle: ThrottleState
  readonly #readBack: ReadBack
  readonly #progress: CloseProgress | undefined
  /** An array: a Set that grows and shrinks keeps its old tables in memory, and with them ended batches. */
  readonly #running: Promise<EndedBatch>[] = []
  #ended = 0

  constructor (connect: Sender & Reader, throttle: ThrottleState, progress: CloseProgress | undefined) {
    this.#connect = connect
    this.#throttle = throttle
    this.#readBack = new ReadBack(connect, throttle)
    this.#progress = progress
  }

  get count (): number {
    return this.#running.length
  }

  /** Whether a batch has ended, also by a fault, and `next` has not given its outcomes. */
  get hasEnded (): boolean {
    return this.#ended > 0
  }

  start (items: Item[]): void {
    this.#progress?.begin(items)
    const work: Promise<EndedBatch> = this.#close(items).then(outcomes => ({ work, outcomes }))
    // `next` throws a fault of this service that rejects `work`. Until then the rejection must count as handled.
    work.catch(() => {}).finally(() => { this.#ended += 1 })
    this.#running.push(work)
  }

  /** Gives the outcomes of a batch when it has ended. Must not be called when `count` is 0: it would wait for ever. */
  async next (): Promise<RecordOutcome[]> {
    const { work, outcomes } = await Promise.race(this.#running)
    this.#running.splice(this.#running.indexOf(work), 1)
    this.#ended -= 1
    return outcomes
  }

  async allEnded (): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  async #close (items: Item[]): Promise<RecordOutcome[]> {
    try {
      const outcomes = await closeBatch(items, this.#throttle, this.#connect, this.#readBack)
      this.#progress?.end(items, outcomes)
      return outcomes
    } catch (error) {
      this.#progress?.fail(items)
      throw error
    }
  }
}
