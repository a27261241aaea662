import type { Random } from '../random.ts'
import { noCounts, replaceRecords } from '../state/record-status.ts'
import { refreshProcessed } from '../state/general.ts'
import type { Event, FileStatus, UsageFile, UsageRecord, User } from '../state/types.ts'
import { toOldTimestamp, toSeconds, toTimestamp } from '../time.ts'
import type { Category } from '../workbooks/types.ts'
import { messagingContract } from './contracts.ts'
import type { PlannedFile } from './plan.ts'
import { decide, seedRecord, spoil } from './records.ts'

export const vendorUser: User = { id: 'SU-100-200-300', name: 'Vendor integration' }
export const providerUser: User = { id: 'SU-400-500-600', name: 'Provider integration' }
const portalUser: User = { id: 'UR-552-340-461', name: 'Dana Whitfield' }

const categories: readonly Category[] = [
  { id: 'compute', name: 'Compute', description: 'Machines and their hours' },
  { id: 'storage', name: 'Storage', description: null },
  { id: 'generic_category', name: 'Generic', description: 'Everything else' }
]

const submitted: ReadonlySet<FileStatus> = new Set<FileStatus>(['pending', 'accepted', 'rejected', 'closed'])
const uploaded: ReadonlySet<FileStatus> =
  new Set<FileStatus>([...submitted, 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'deleted'])

/**
 * Makes the events of one file, each with a time that is not before that of the last one. Old files have Connect's
 * older form of times (`toOldTimestamp`).
 */
class Steps {
  #time: number
  readonly #isOld: boolean
  readonly #random: Random

  constructor (time: number, isOld: boolean, random: Random) {
    this.#time = time
    this.#isOld = isOld
    this.#random = random
  }

  next (seconds: number, by: User | null): Event {
    this.#time += Math.floor(seconds * 1000) + this.#random.below(900)
    return { at: this.#isOld ? toOldTimestamp(this.#time) : toTimestamp(this.#time, this.#random.below(1000)), by }
  }
}

function eventsOf (status: FileStatus, isAuto: boolean, steps: Steps, by: User): UsageFile['events'] {
  const events: UsageFile['events'] = { created: steps.next(0, by) }
  if (uploaded.has(status)) events.uploaded = steps.next(1.5, by)
  if (submitted.has(status)) events.submitted = steps.next(600, by)
  if (status === 'accepted' || status === 'closed') {
    events.accepted = isAuto ? steps.next(3.6, null) : steps.next(7200, providerUser)
  }
  if (status === 'rejected') events.rejected = steps.next(5400, providerUser)
  if (status === 'closed') events.closed = steps.next(86_400, providerUser)
  if (status === 'deleted') events.deleted = steps.next(900, by)
  return events
}

const rejections = ['Amounts exceed the contract', 'Wrong billing period', 'Duplicate of last week']
const day = 86_400_000
const usDate = (iso: string): string => `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`

export interface Place { index: number, total: number, base: number, digits: string }

export function seedFile (planned: PlannedFile, place: Place, random: Random): UsageFile {
  const { contract, status } = planned
  const { product } = contract
  const created = place.base - (place.total - place.index) * 3.1 * 3_600_000 - random.below(3_600_000)
  const isOld = place.index < place.total / 4
  const isAuto = contract === messagingContract
  const from = Math.floor(created / day) * day - (1 + random.below(6)) * day - 7 * day
  const period = { from: toSeconds(from), to: toSeconds(from + 7 * day - 1000) }
  const file: UsageFile = {
    id: `UF-${new Date(created).toISOString().slice(0, 7)}-${place.digits.slice(0, 4)}-${place.digits.slice(4)}`,
    name:
      random.below(3) === 0
        ? `${product.name} ${period.from.slice(0, 10)} ${contract.marketplace.id}`
        : `${usDate(period.from)} - ${usDate(period.to)}`,
    externalId: random.below(2) === 0 ? `REP-${random.digits(6)}` : null,
    description: random.below(3) === 0 ? null : `${product.name} usage for ${contract.marketplace.name}`,
    note: random.below(4) === 0 ? 'Checked against the billing export' : null,
    status,
    subStatus: status === 'closed' && random.below(3) === 0 ? 'processed' : null,
    contract,
    currency: product.schema === 'qt' ? null : contract.marketplace.currency,
    period,
    errorDetail: null,
    acceptanceNote:
      status === 'accepted' || status === 'closed' ? (isAuto ? 'Auto Approved' : 'Figures agree with ours') : null,
    rejectionNote: status === 'rejected' ? random.pick(rejections) : null,
    events: eventsOf(
      status,
      isAuto,
      new Steps(created, isOld, random),
      random.below(4) === 0 ? portalUser : vendorUser
    ),
    categories: planned.rows > 0 && random.below(2) === 0 ? [...categories] : [],
    records: [],
    counts: noCounts(),
    upload: uploaded.has(status) && planned.rows > 0 ? { kind: 'seeded' } : null,
    processed: null,
    reconciliation: null,
    chunks: [],
    reconciliations: 0,
    nulls: isOld,
    run: 0
  }
  fill(file, planned.rows, random)
  return file
}

function fill (file: UsageFile, rows: number, random: Random): void {
  const createdAt = file.events.uploaded?.at ?? file.period.to
  const names = file.categories.map((category) => category.id)
  const records = Array.from({ length: rows }, (_, index) =>
    seedRecord(file, { index, createdAt, categories: names }, random)
  )
  settle(file, records, random)
  replaceRecords(file, records)
  if (file.counts.invalid > 0) file.errorDetail = `${file.counts.invalid} of ${records.length} records are invalid.`
  if (records.length > 0) refreshProcessed(file)
}

function settle (file: UsageFile, records: readonly UsageRecord[], random: Random): void {
  const { status, events } = file
  const billing = {
    id: `INV-${file.period.from.slice(0, 4)}-${random.digits(5)}`,
    at: events.closed?.at ?? events.accepted?.at ?? ''
  }
  const isPartlyClosed = random.below(3) === 0
  for (const [index, record] of records.entries()) {
    if (status === 'invalid' && index % 13 === 2) spoil(record)
    if (status === 'rejected') decide(record, 'rejected', null)
    if (status === 'closed') decide(record, 'closed', billing)
    if (status === 'accepted') {
      if (index === 7) decide(record, 'rejected', null)
      else if (isPartlyClosed && index % 4 === 0) decide(record, 'closed', billing)
      else decide(record, 'approved', null)
    }
  }
}
