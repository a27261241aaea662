import type { Readable } from 'node:stream'
import type { ConnectErrorKind } from './errors.ts'
import type {
  AssetFilter, AssetSortField, ItemFilter, ListingFilter, ListingSortField, ListQuery, Page, ProductFilter,
  ProductSortField, ReconciliationFilter, ReconciliationSortField, UsageAggregateFilter, UsageCategoryFilter,
  UsageCategorySortField, UsageChunkFilter, UsageChunkSortField, UsageFileFilter, UsageFileSortField,
  UsageRecordFilter, UsageRecordSortField, UsageRuleFilter, UsageRuleSortField
} from './filters.ts'
import type {
  Asset, BillingBody, ClosedRecord, Listing, Product, ProductItem, Reconciliation, RecordToClose, UsageAggregate,
  UsageCategory, UsageChunk, UsageFile, UsageFileCreateBody, UsageFileUpdateBody, UsageRecord, UsageRecordStatus,
  UsageRule, UsageRuleCreateBody, UsageRuleUpdateBody, UsageTemplate
} from './types.ts'

/** What `observe` of a CallContext gets about one attempt. */
export interface CallObservation {
  readonly operation: string
  /** The number of the attempt, from 1. The second send of a write is attempt 2. */
  readonly attempt: number
  /** Null when not even the head of a response arrived. */
  readonly status: number | null
  /** Null for a response that counts as a success, even if its body turns out to be unusable later. */
  readonly failure: ConnectErrorKind | null
  /**
   * From the sending to the end of the response (of a download: to its first bytes). If no slot came: the time of the
   * wait for a slot.
   */
  readonly durationMs: number
  /** Null if the context gives none, and for an attempt that got no slot. */
  readonly traceparent: string | null
  readonly isWrite: boolean
  /** False for a read, for a 4xx with Connect's envelope, and for a request that was not sent whole. */
  readonly mayHaveActed: boolean
}

/** Ends a call, such as when the HTTP caller leaves. An AbortSignal fits, too, but takes several times as much CPU. */
export interface LeaveSignal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

export interface CallContext {
  /** Such as `ApiKey SU-…:…`. The client adds `ApiKey ` if it is missing. */
  readonly credential: string
  readonly requestId: string
  /** Called right before an attempt. Gives its W3C `traceparent`, which is not sent to storage hosts. */
  readonly traceparent?: ((operation: string, attempt: number) => string) | undefined
  readonly signal?: LeaveSignal | undefined
  /** Awaited before a write (not an upload) is sent. If it throws, the write is not sent and fails with that error. */
  readonly beforeSend?: (() => Promise<void>) | undefined
  /**
   * For the second send of a write (not of an upload): when the first send began, by `performance.now()`. Both sends
   * share the `timeoutMs` of the client. After more than half of this time the second fails: ConnectTimeoutError.
   */
  readonly firstSentAt?: number | undefined
  /** False: a read is not sent again, because the calling function repeats it anyway. Default: true. */
  readonly mayRetry?: boolean | undefined
  /**
   * Called once for each attempt that ends with a response or a ConnectError, except one that was not sent because of
   * an earlier 429. Must not throw.
   */
  readonly observe?: ((observation: CallObservation) => void) | undefined
}

export interface UploadBody {
  /**
   * The bytes. Before the call settles, the client calls `destroy` of a Readable or `return` of a generator. Connect
   * may act when the last byte has left, so a stream that can still fail must keep its last bytes back.
   */
  readonly stream: AsyncIterable<Uint8Array>
  /** The exact number of bytes that the stream yields. */
  readonly length: number
  readonly contentType: string
}

export interface Download {
  /** The calling function must read it to its end or destroy it. A body that is cut short ends with an error. */
  readonly stream: Readable
  readonly contentType: string | null
  readonly contentLength: number | null
}

/** A write gives Connect's object; null for a success without a body, or with the body `null`. */
export interface UsageFilesApi {
  list (query: ListQuery<UsageFileFilter, UsageFileSortField>, ctx: CallContext): Promise<Page<UsageFile>>
  count (filter: UsageFileFilter, ctx: CallContext): Promise<number>
  create (body: UsageFileCreateBody, ctx: CallContext): Promise<UsageFile | null>
  get (id: string, ctx: CallContext): Promise<UsageFile>
  update (id: string, body: UsageFileUpdateBody, ctx: CallContext): Promise<UsageFile | null>
  /** `body` is a multipart form with the field `usage_file`. */
  upload (id: string, body: UploadBody, ctx: CallContext): Promise<UsageFile | null>
  submit (id: string, ctx: CallContext): Promise<UsageFile | null>
  accept (id: string, body: { readonly acceptance_note?: string }, ctx: CallContext): Promise<UsageFile | null>
  reject (id: string, body: { readonly rejection_note: string }, ctx: CallContext): Promise<UsageFile | null>
  close (id: string, ctx: CallContext): Promise<UsageFile | null>
  delete (id: string, ctx: CallContext): Promise<UsageFile | null>
  reprocess (id: string, ctx: CallContext): Promise<UsageFile | null>
  approveAll (id: string, ctx: CallContext): Promise<UsageFile | null>
  /** `body` is a multipart form with the field `recon_file`. */
  reconcile (id: string, body: UploadBody, ctx: CallContext): Promise<UsageFile | null>
  categories (
    id: string, query: ListQuery<UsageCategoryFilter, UsageCategorySortField>, ctx: CallContext
  ): Promise<Page<UsageCategory>>
}

export interface UsageRecordsApi {
  list (query: ListQuery<UsageRecordFilter, UsageRecordSortField>, ctx: CallContext): Promise<Page<UsageRecord>>
  count (filter: UsageRecordFilter, ctx: CallContext): Promise<number>
  get (id: string, ctx: CallContext): Promise<UsageRecord>
  update (id: string, body: { readonly status: UsageRecordStatus }, ctx: CallContext): Promise<UsageRecord | null>
  close (id: string, body: BillingBody, ctx: CallContext): Promise<UsageRecord | null>
  /** Connect may close only some records. The answer may have fewer rows, another order, or rows of other records. */
  bulkClose (records: readonly RecordToClose[], ctx: CallContext): Promise<readonly ClosedRecord[]>
}

export interface UsageChunksApi {
  list (query: ListQuery<UsageChunkFilter, UsageChunkSortField>, ctx: CallContext): Promise<Page<UsageChunk>>
  count (filter: UsageChunkFilter, ctx: CallContext): Promise<number>
  get (id: string, ctx: CallContext): Promise<UsageChunk>
  update (id: string, body: { readonly external_id: string }, ctx: CallContext): Promise<UsageChunk | null>
  close (id: string, body: BillingBody, ctx: CallContext): Promise<UsageChunk | null>
  regenerate (id: string, ctx: CallContext): Promise<UsageChunk | null>
  download (id: string, ctx: CallContext): Promise<Download>
}

export interface ReconciliationsApi {
  list (
    query: ListQuery<ReconciliationFilter, ReconciliationSortField>, ctx: CallContext
  ): Promise<Page<Reconciliation>>
  count (filter: ReconciliationFilter, ctx: CallContext): Promise<number>
  get (id: string, ctx: CallContext): Promise<Reconciliation>
  /** `body` is a multipart form with `upload_note` (optional) and, after it, `recon_file`. */
  create (body: UploadBody, ctx: CallContext): Promise<Reconciliation | null>
  downloadUploaded (id: string, ctx: CallContext): Promise<Download>
  downloadProcessed (id: string, ctx: CallContext): Promise<Download>
}

export interface AggregatesApi {
  list (query: ListQuery<UsageAggregateFilter>, ctx: CallContext): Promise<Page<UsageAggregate>>
  listForAsset (
    assetId: string, query: ListQuery<UsageAggregateFilter>, ctx: CallContext
  ): Promise<Page<UsageAggregate>>
}

export interface RulesApi {
  list (
    productId: string, query: ListQuery<UsageRuleFilter, UsageRuleSortField>, ctx: CallContext
  ): Promise<Page<UsageRule>>
  create (productId: string, body: UsageRuleCreateBody, ctx: CallContext): Promise<UsageRule | null>
  get (productId: string, ruleId: string, ctx: CallContext): Promise<UsageRule>
  update (productId: string, ruleId: string, body: UsageRuleUpdateBody, ctx: CallContext): Promise<UsageRule | null>
  delete (productId: string, ruleId: string, ctx: CallContext): Promise<null>
}

export interface TemplatesApi {
  get (productId: string, ctx: CallContext): Promise<UsageTemplate>
}

export interface CatalogueApi {
  products (query: ListQuery<ProductFilter, ProductSortField>, ctx: CallContext): Promise<Page<Product>>
  items (productId: string, query: ListQuery<ItemFilter>, ctx: CallContext): Promise<Page<ProductItem>>
  assets (query: ListQuery<AssetFilter, AssetSortField>, ctx: CallContext): Promise<Page<Asset>>
  listings (query: ListQuery<ListingFilter, ListingSortField>, ctx: CallContext): Promise<Page<Listing>>
}

export interface StorageApi {
  /** Sends no credential. Throws StorageRefusedError for a link that may not be followed. */
  fetch (url: string, ctx: CallContext): Promise<Download>
}

export interface PoolStats {
  readonly connected: number
  readonly running: number
  readonly pending: number
}

export type PoolName = 'jsonRead' | 'jsonWrite' | 'upload' | 'download' | 'storage'

export interface ConnectClient {
  readonly usageFiles: UsageFilesApi
  readonly usageRecords: UsageRecordsApi
  readonly usageChunks: UsageChunksApi
  readonly reconciliations: ReconciliationsApi
  readonly aggregates: AggregatesApi
  readonly rules: RulesApi
  readonly templates: TemplatesApi
  readonly catalogue: CatalogueApi
  readonly storage: StorageApi
  stats (): Readonly<Record<PoolName, PoolStats>>
  /** Ends running calls with ConnectAbortedError, and sends no later call. Resolves when all sockets are closed. */
  close (): Promise<void>
}
