import type { Test } from 'tap'
import type { UsageChunk as ConnectChunk, UsageRecord as ConnectRecord } from '../../../src/connect/types.ts'
import { makeApp } from '../../helper.ts'
import { caller, type Method, type Reply } from '../call.ts'
import { fakeConnect, type Call } from '../fake-connect.ts'

export const ID = 'UFC-2026-11-4410-7719-001'

export const connectChunk = (status: string, more: ConnectChunk = {}): ConnectChunk => ({
  id: ID,
  status,
  outdated: false,
  external_id: '',
  usagefile: { id: 'UF-2026-11-4410-7719', name: 'October', schema: 'cr' },
  binding: { hub: { id: 'HB-5603-6213', name: 'East' } },
  events: { created: { at: '2026-11-03T10:00:00+00:00' } },
  stats: { accepted: 2 },
  ...more
})

export const closedAt = (at: string): ConnectChunk => connectChunk('closed', { events: { closed: { at } } })

interface ChunkCase {
  name: 'update' | 'close' | 'regenerate'
  method: Method
  path: string
  body?: object
  sends: unknown[]
  /** The chunk before, and once the action took effect. */
  before: ConnectChunk
  done: ConnectChunk
  status: number
  /** Seen by the caller when Connect refuses in this status; null where no status forbids the action. */
  wrong: string | null
}

export const CASES: readonly ChunkCase[] = [
  {
    name: 'update',
    method: 'PATCH',
    path: '',
    body: { externalId: 'B-1' },
    sends: [{ external_id: 'B-1' }],
    before: connectChunk('ready'),
    done: connectChunk('ready', { external_id: 'B-1' }),
    status: 200,
    wrong: null
  },
  {
    name: 'close',
    method: 'POST',
    path: '/close',
    body: { externalBillingId: 'INV-1', externalBillingNote: 'n' },
    sends: [{ external_billing_id: 'INV-1', external_billing_note: 'n' }],
    before: connectChunk('ready'),
    done: closedAt('2026-11-05T08:30:00Z'),
    status: 200,
    wrong: 'draft'
  },
  {
    name: 'regenerate',
    method: 'POST',
    path: '/regenerate',
    sends: [],
    before: connectChunk('ready', { outdated: true }),
    done: connectChunk('draft'),
    status: 202,
    wrong: 'closed'
  }
]

export const closedRecord = (billingId: string, at = '2026-11-05T08:30:00Z'): ConnectRecord => ({
  id: 'UR-2026-11-4410-7719-0001-0001',
  status: 'closed',
  external_billing_id: billingId,
  closed_at: at
})

/** Sends the action; the reads give one after the other, the last one for ever. */
export async function run (
  t: Test,
  { name, method, path, body }: ChunkCase,
  send: ConnectChunk | Error | null,
  reads: (ConnectChunk | Error)[],
  records: ConnectRecord[] | Error = [closedRecord('INV-1')]
): Promise<{ reply: Reply; sent: Call[] }> {
  const give = (value: unknown): unknown => {
    if (value instanceof Error) throw value
    return value
  }
  const { connect, calls } = fakeConnect({
    usageChunks: { [name]: () => give(send), get: () => give(reads.length > 1 ? reads.shift() : reads[0]) },
    usageRecords: { list: () => give(records instanceof Error ? records : { items: records, total: records.length }) }
  })
  const { app } = await makeApp(t, { connect })
  const reply = await caller(t, app, 'provider', 'UsageChunk')(method, `/v1/usage-chunks/${ID}${path}`, body)
  return { reply, sent: calls.filter(call => call.operation === `usageChunks.${name}`) }
}
