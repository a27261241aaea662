import type { Test } from 'tap'
import { ApprovedRecords, type ListApproved } from '../../src/closing/approved-records.ts'
import { beginListing, closeFile } from '../../src/closing/close-file.ts'
import { FakeConnect, collect, spooled, type Result } from './fixture.ts'

const BILLING = { externalBillingId: 'INV-1', externalBillingNote: null }

/** Closes a file whose approved records are what `ids` says and Connect has not closed yet. */
export async function close (
  t: Test,
  connect: FakeConnect,
  ids: string[],
  list?: ListApproved,
  batchSize = 500,
  failures: Error[] = []
): Promise<Result> {
  const approved = new ApprovedRecords(
    'UF-1',
    list ??
      (async (offset, limit) => {
        const open = ids.filter(id => !connect.closed.has(id))
        return { items: open.slice(offset, offset + limit).map(id => connect.record(id)), total: open.length }
      }),
    await spooled([])
  )
  const listed = { ...await beginListing(approved), noteFailure: (error: Error) => { failures.push(error) } }
  const result = await collect(closeFile(approved, listed, BILLING, connect.steps, { batchSize, concurrency: 4 }))
  t.same(
    result.outcomes.map(({ index }) => index),
    result.outcomes.map((_, n) => n),
    'one outcome each'
  )
  t.equal(new Set(result.outcomes.map(({ id }) => id)).size, result.outcomes.length, 'none twice')
  return result
}
