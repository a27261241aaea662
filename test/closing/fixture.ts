import { ConnectResponseError } from '../../src/connect/errors.ts'
import type { ClosedRecord, RecordToClose as Sent, UsageRecord } from '../../src/connect/types.ts'
import type { CloseOptions } from '../../src/closing/close-items.ts'
import { closeRecords } from '../../src/closing/close-records.ts'
import type { CloseSummary, RecordOutcome } from '../../src/closing/record-outcome.ts'
import type { Reader } from '../../src/closing/read-back.ts'
import type { Defaults } from '../../src/closing/receive-records.ts'
import type { Sender } from '../../src/closing/send-batch.ts'
import { SpooledRecords, type RecordToClose } from '../../src/closing/spooled-records.ts'
import type { SpooledFile } from '../../src/streaming/spool.ts'
import { response } from '../usage/failures.ts'

/** Counts turns of the event loop from now on; calling the function it gives ends that and gives the count. */
export function countTurns (): () => number {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  return () => {
    isOver = true
    return turns
  }
}

/** A spool in memory. */
export function memoryPlace (): SpooledFile {
  let bytes: Buffer = Buffer.alloc(0)
  return {
    fd: -1,
    write: async (chunk) => { bytes = Buffer.concat([bytes, chunk]) },
    read: async function * () { yield bytes },
    readAt: async (position, length) => Buffer.from(bytes.subarray(position, position + length)),
    close: async () => {}
  }
}

export const idOf = (n: number): string =>
  `UR-2026-11-4410-7719-${String(Math.floor(n / 10_000)).padStart(4, '0')}-${String(n % 10_000).padStart(4, '0')}`
export const recordOf = (n: number, billing = 'INV-1'): RecordToClose => ({
  id: idOf(n),
  externalBillingId: billing,
  externalBillingNote: null
})
export const many = (count: number): RecordToClose[] => Array.from({ length: count }, (_, n) => recordOf(n))

export async function spooled (list: Iterable<RecordToClose>): Promise<SpooledRecords> {
  const records = new SpooledRecords(memoryPlace())
  for (const record of list) records.append(record)
  await records.flush()
  return records
}

export const throttled = (seconds: number | null): ConnectResponseError =>
  new ConnectResponseError(
    { operation: 'usageRecords.bulkClose', method: 'POST', path: '/usage/records/close-records' },
    { sent: 'yes', bodyComplete: true, status: 429 },
    { errorCode: null, errors: [] },
    seconds
  )

type Batch = readonly Sent[]
export type Script = (batch: Batch, call: number) => unknown

/**
 * Connect for closing: it knows every record, all approved until they are closed, and closes none twice. A script may
 * answer a batch in its place, with `close` for what it does on the way.
 */
export class FakeConnect {
  readonly closed = new Map<string, string>()
  readonly batches: Batch[] = []
  readonly reads: string[] = []
  pages = 0
  running = 0
  mostRunning = 0
  left = false
  stopping = false
  script: Script = batch => this.close(batch)
  onRead: (id: string) => unknown = () => undefined
  onPage: () => unknown = () => undefined
  /** Ids in the order of their file. */
  file: readonly string[] = []

  close (batch: Batch): ClosedRecord[] {
    return batch.map(({ id, external_billing_id: billing }) => {
      const before = this.closed.get(id)
      if (before !== undefined) {
        return { id, status: 'closed', error_codes: 'USG_102', error_details: 'Usage record is already closed.' }
      }
      this.closed.set(id, String(billing))
      return { id, status: 'closed' }
    })
  }

  record (id: string): UsageRecord {
    const billing = this.closed.get(id)
    return {
      id,
      status: billing === undefined ? 'approved' : 'closed',
      external_billing_id: billing ?? '',
      usagefile: { id: 'UF-1' }
    }
  }

  get steps (): Sender & Reader {
    return {
      bulkClose: async (batch, isOpen) => {
        if (!isOpen()) return null
        const call = this.batches.push(batch)
        this.running += 1
        this.mostRunning = Math.max(this.mostRunning, this.running)
        try {
          await new Promise(setImmediate)
          return await this.script(batch, call) as readonly ClosedRecord[]
        } finally {
          this.running -= 1
        }
      },
      get: async (id) => {
        this.reads.push(id)
        return (await this.onRead(id) ?? this.record(id)) as UsageRecord
      },
      listFile: async (_fileId, offset, limit) => {
        this.pages += 1
        await this.onPage()
        return { items: this.file.slice(offset, offset + limit).map(id => this.record(id)), total: this.file.length }
      },
      wait: async (ms) => { await new Promise((resolve) => { setTimeout(resolve, ms) }) },
      hasLeft: () => this.left,
      isStopping: () => this.stopping
    }
  }
}

export const NO_DEFAULTS: Defaults = { externalBillingId: null, externalBillingNote: null }

export interface Result { outcomes: RecordOutcome[], summary: CloseSummary }

export async function collect (outcomes: AsyncGenerator<RecordOutcome[], CloseSummary, void>): Promise<Result> {
  const all: RecordOutcome[] = []
  for (;;) {
    const { done, value } = await outcomes.next()
    if (done === true) return { outcomes: all.sort((a, b) => a.index - b.index), summary: value }
    all.push(...value)
  }
}

export async function run (
  connect: FakeConnect,
  list: Iterable<RecordToClose>,
  options: Partial<CloseOptions> = {},
  defaults = NO_DEFAULTS
): Promise<Result> {
  return await collect(
    closeRecords(await spooled(list), defaults, connect.steps, { batchSize: 4, concurrency: 2, ...options })
  )
}

/** `closed`, or the code. */
export const words = ({ outcomes }: Result): string[] =>
  outcomes.map(one => (one.outcome === 'closed' ? 'closed' : one.code))

export { response }
