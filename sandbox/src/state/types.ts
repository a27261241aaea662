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
  /** Those that the vendor declared. `itemsOf` of the store adds the ones that usage files have created. */
  items: readonly CatalogItem[]
  /** `capabilities.ppu` is not null: usage of pay-per-use items is taken. */
  takesPpu: boolean
  /** `capabilities.reservation.consumption`: usage of reservation items is taken. */
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

/** Bytes on disk, or bytes made from the records when somebody asks for them. */
export type StoredFile =
  | { kind: 'disk', path: string, name: string, size: number, sha256: string }
  | { kind: 'seeded' }

export interface ProcessedCopy {
  general: readonly (readonly [string, string])[]
  status: FileStatus
  /** In the order of the records. */
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
  /** What the processed copy shows of the moment when it was last made; null before processing. */
  processed: ProcessedCopy | null
  reconciliation: Reconciliation | null
  chunks: Chunk[]
  reconciliations: number
  /** Older bodies carry nulls where newer ones leave keys out. */
  nulls: boolean
  /** Counts uploads, so that a late processing step of a replaced one does nothing. */
  run: number
}

export interface UsageRecord {
  id: string
  /** `record_id`, the vendor's own: unique within a file. */
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
  /** The lines of the last generated workbook, kept from the first change after it; null while nothing changed. */
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

/** How a call of a webhook went. */
export interface WebhookCall {
  time: string
  /** Seconds, rounded up. */
  duration: number
  /** Null when the receiver did not answer. */
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
  /** Sent with every call. */
  headers: Readonly<Record<string, string>>
  /** Where the API was reached when the webhook was registered. */
  apiUrl: string
  created: Event
  modified: Event | null
  lastEvent: string | null
  lastSuccess: WebhookCall | null
  lastFailure: WebhookCall | null
  stats: { events: number, triggers: number, success: number, failure: number, failureSinceLastSuccess: number }
}
