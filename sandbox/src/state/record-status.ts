import type { Chunk, RecordStatus, UsageFile, UsageRecord } from './types.ts'

export const noCounts = (): UsageFile['counts'] =>
  ({ valid: 0, invalid: 0, approved: 0, rejected: 0, closed: 0, billed: 0 })

/** Also changes the counts of the file. So in a running sandbox all changes of a record's status go through here. */
export function setRecordStatus (record: UsageRecord, status: RecordStatus): void {
  if (record.status === status) return
  if (record.chunk) keepLines(record.chunk)
  record.file.counts[record.status] -= 1
  record.file.counts[status] += 1
  record.status = status
}

/** To be called before status or billing of a record change: the workbook of a ready chunk keeps the old lines. */
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
