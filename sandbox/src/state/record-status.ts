import type { Chunk, RecordStatus, UsageFile, UsageRecord } from './types.ts'

export const noCounts = (): UsageFile['counts'] =>
  ({ valid: 0, invalid: 0, approved: 0, rejected: 0, closed: 0, billed: 0 })

/**
 * Changes the status of a record, and the counts of its file. So in a running sandbox all code that changes the status
 * of one record must call this function.
 */
export function setRecordStatus (record: UsageRecord, status: RecordStatus): void {
  if (record.status === status) return
  if (record.chunk) keepLines(record.chunk)
  record.file.counts[record.status] -= 1
  record.file.counts[status] += 1
  record.status = status
}

/**
 * Stores the present lines of a ready chunk, because its workbook keeps them. All code that changes the status or the
 * billing of a record must call this first. Does nothing for a chunk that is outdated already.
 */
export function keepLines (chunk: Chunk): void {
  if (chunk.outdated || chunk.status !== 'ready') return
  chunk.outdated = chunk.records.map((record) =>
    ({ record, status: record.status, billingId: record.billingId, billingNote: record.billingNote }))
}

export function replaceRecords (file: UsageFile, records: UsageRecord[]): void {
  file.records = records
  file.counts = noCounts()
  for (const record of records) {
    file.counts[record.status] += 1
    if (record.status === 'closed' && record.billingId !== null) file.counts.billed += 1
  }
}
