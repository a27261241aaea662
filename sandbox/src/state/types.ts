import type { Category, CatalogAsset, CatalogItem, Schema } from '../workbooks/types.ts'
import type { Decimal } from '../decimal.ts'

export interface Account { id: string, name: string, icon: string, role: 'vendor' | 'provider' }
export interface User { id: string, name: string }
export interface Actor { account: Account, user: User }
export interface Hub { id: string, name: string, externalId: string }
export interface Marketplace { id: string, name: string, icon: string | null, currency: string }

export interface Product {
  id: string
  name: string
  icon: string
  vendor: Account
  schema: Schema
  /** The items that the vendor has declared. `itemsOf` of the store adds those that usage files have created. */
  items: readonly CatalogItem[]
  /** Whether the product takes usage of pay-per-use items: `capabilities.ppu` is not null. */
  takesPpu: boolean
  /** Whether the product takes usage of reservation items: `capabilities.reservation.consumption`. */
  takesReservation: boolean
  dynamicItems: boolean
  late: boolean
  future: boolean
  requiredCustomFields: readonly string[]
}

export interface Asset extends CatalogAsset {
  hub: Hub
  customer: { id: string, name: string }
  parameters: Readonly<Record<string, string>>
}

export interface Contract {
  id: string
  name: string
  type: 'distribution' | 'syndication'
  environment: 'test' | 'preview' | 'production'
  product: Product
  provider: Account
  marketplace: Marketplace
  assets: readonly Asset[]
}

export interface Event { at: string, by: User | null }
export type FileEvent = 'created' | 'uploaded' | 'submitted' | 'accepted' | 'closed' | 'rejected' | 'deleted'
export type Events = Partial<Record<FileEvent, Event>>

export type FileStatus = 'draft' | 'uploading' | 'uploaded' | 'processing' | 'invalid' | 'ready' | 'pending' |
  'accepted' | 'rejected' | 'closed' | 'deleted'
export type RecordStatus = 'valid' | 'invalid' | 'approved' | 'rejected' | 'closed'
export type ChunkStatus = 'draft' | 'ready' | 'closed' | 'failed'
export type ReconciliationStatus = 'uploaded' | 'processing' | 'processed' | 'failed'

/** A stored workbook: a file on disk, or (`seeded`) one that is made of the records when somebody asks for it. */
export type StoredFile =
  | { kind: 'disk', path: string, name: string, size: number, sha256: string }
  | { kind: 'seeded' }

/** The state of a file at the last `refreshProcessed`. The processed workbook shows this state. */
export interface ProcessedCopy {
  general: readonly (readonly [string, string])[]
  status: FileStatus
  /** The statuses of the file's records, in the order of the records. */
  recordStatuses: readonly RecordStatus[]
}

export interface UsageFile {
  id: string
  name: string
  externalId: string | null
  description: string | null
  note: string | null
  status: FileStatus
  subStatus: 'processing' | 'processed' | null
  contract: Contract
  currency: string | null
  period: { from: string, to: string }
  errorDetail: string | null
  acceptanceNote: string | null
  rejectionNote: string | null
  events: Events
  categories: readonly Category[]
  records: UsageRecord[]
  counts: Record<RecordStatus, number> & { billed: number }
  upload: StoredFile | null
  /** Null until the last upload is processed. */
  processed: ProcessedCopy | null
  reconciliation: Reconciliation | null
  chunks: Chunk[]
  reconciliations: number
  /** Whether an absent value such as `currency` is null in JSON, as in old files of Connect. Else it is left out. */
  nulls: boolean
  /** The number of uploads of this file to the running sandbox. Work planned before the last upload does nothing. */
  run: number
}

export interface UsageRecord {
  id: string
  /** The vendor's id, from the column `record_id`. Of several rows with the same id only the first can be valid. */
  recordId: string
  note: string | null
  row: number
  file: UsageFile
  chunk: Chunk | null
  item: CatalogItem | null
  asset: Asset | null
  categoryId: string | null
  tier: number | null
  quantity: Decimal | null
  amount: Decimal | null
  start: string | null
  end: string | null
  params: readonly { name: string, value: string }[]
  status: RecordStatus
  errorCodes: string | null
  errorDetails: string | null
  billingId: string | null
  billingNote: string | null
  closedAt: string | null
  closedBy: string | null
  createdAt: string
}

export interface ChunkLine {
  record: UsageRecord
  status: RecordStatus
  billingId: string | null
  billingNote: string | null
}

export interface Chunk {
  id: string
  file: UsageFile
  hub: Hub
  status: ChunkStatus
  externalId: string | null
  error: string | null
  events: Events
  records: UsageRecord[]
  /**
   * The lines from before a change of a record. The chunk's workbook shows them until the chunk is made again or
   * closed. Null for a chunk that is not outdated; only a ready chunk becomes outdated.
   */
  outdated: ChunkLine[] | null
  run: number
}

export interface Reconciliation {
  id: string
  status: ReconciliationStatus
  provider: Account
  file: UsageFile | null
  chunk: Chunk | null
  uploadNote: string | null
  processingNote: string | null
  error: string | null
  events: Events
  upload: StoredFile
  results: { row: number, error: string | null }[]
}

export type RuleAction = 'accept' | 'reject' | 'manual'

export interface UsageRule {
  id: string
  product: Product
  provider: Account
  item: CatalogItem | null
  action: RuleAction
  scope: 'record' | 'file'
  rule: string | null
  status: 'active' | 'deleted'
  created: Event
  updated: Event
}

/** The result of one call of a webhook. `time` is the time of its end. `error` is empty for a success. */
export interface WebhookCall {
  time: string
  /** How long the call took, in seconds, rounded up. */
  duration: number
  /** The status of the receiver's answer; null when the receiver did not answer. */
  statusCode: number | null
  error: string
}

export interface Webhook {
  id: string
  account: Account
  product: Product
  label: string
  description: string
  url: string
  secret: string
  method: 'GET' | 'POST'
  active: boolean
  data: Readonly<Record<string, unknown>>
  headers: Readonly<Record<string, string>>
  /** The URL of the API at which the webhook was registered. */
  apiUrl: string
  created: Event
  modified: Event | null
  lastEvent: string | null
  lastSuccess: WebhookCall | null
  lastFailure: WebhookCall | null
  stats: { events: number, triggers: number, success: number, failure: number, failureSinceLastSuccess: number }
}
