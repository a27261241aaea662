/** The types of the Connect client for all other folders. */
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

/** What `observe` gets when one attempt of a call is over. */
export interface CallObservation {
  readonly operation: string
  /** 1 for the first. */
  readonly attempt: number
  /** Connect's status. Null when no response arrived. */
  readonly status: number | null
  /** Null for a success. */
  readonly failure: ConnectErrorKind | null
  /** From the moment when the attempt is sent. For an attempt that got no slot of its pool: the wait for a slot. */
  readonly durationMs: number
  /** What the context's `traceparent` gave. Null if the context has none, and for an attempt without a slot. */
  readonly traceparent: string | null
  readonly isWrite: boolean
  /**
   * Whether Connect may have acted on the call. False for a read, for a 4xx with Connect's envelope, and for a request
   * that was not sent whole.
   */
  readonly mayHaveActed: boolean
}

/**
 * Tells a call that its caller has left. An AbortSignal is a LeaveSignal, but takes several times as much CPU.
 */
export interface LeaveSignal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

export interface CallContext {
  /** `ApiKey SU-…:…`. The client adds `ApiKey ` if it is missing. */
  readonly credential: string
  readonly requestId: string
  /** Called right before an attempt is sent. Gives its W3C traceparent, which storage hosts never get. */
  readonly traceparent?: ((operation: string, attempt: number) => string) | undefined
  /** Its abort ends the call and the call's socket at once. */
  readonly signal?: LeaveSignal | undefined
  /**
   * Awaited before a write is sent, with or without a JSON body. When it throws, the write is not sent and fails with
   * that error. An upload does not call it: the stream of the upload keeps its last bytes back until they may be sent.
   */
  readonly beforeSend?: (() => Promise<void>) | undefined
  /**
   * For the second send of a write, but not of an upload: when the first one was sent, by `performance.now()`. Both
   * sends share the client's `timeoutMs`. When more than half of it is over, nothing is sent: ConnectTimeoutError.
   */
  readonly firstSentAt?: number | undefined
  /** False for a read that its caller makes again anyway: it is not sent again after a failure. */
  readonly mayRetry?: boolean | undefined
  /** Called once for each attempt that ends with a response or a ConnectError. Must not throw. */
  readonly observe?: ((observation: CallObservation) => void) | undefined
}

export interface UploadBody {
  /**
   * A Readable or a generator. In all cases the client calls `destroy` or `return` before the call settles, but does
   * not await `return`. Connect may act on the upload when the last byte has left, so a stream that can still fail must
   * keep its last bytes back.
   */
  readonly stream: AsyncIterable<Uint8Array>
  /** The exact number of bytes that the stream yields. */
  readonly length: number
  /** With the boundary for multipart. */
  readonly contentType: string
}

export interface Download {
  /** Read it to its end or destroy it. A body that was cut ends with an error. */
  readonly stream: Readable
  readonly contentType: string | null
  readonly contentLength: number | null
}

/** Writes give the object that Connect answered with, or null for a success without a body. */
export interface UsageFilesApi {
  list (query: ListQuery<UsageFileFilter, UsageFileSortField>, ctx: CallContext): Promise<Page<UsageFile>>
  count (filter: UsageFileFilter, ctx: CallContext): Promise<number>
  create (body: UsageFileCreateBody, ctx: CallContext): Promise<UsageFile | null>
  get (id: string, ctx: CallContext): Promise<UsageFile>
  update (id: string, body: UsageFileUpdateBody, ctx: CallContext): Promise<UsageFile | null>
  /** Multipart with the field `usage_file`. */
  upload (id: string, body: UploadBody, ctx: CallContext): Promise<UsageFile | null>
  submit (id: string, ctx: CallContext): Promise<UsageFile | null>
  accept (id: string, body: { readonly acceptance_note?: string }, ctx: CallContext): Promise<UsageFile | null>
  reject (id: string, body: { readonly rejection_note: string }, ctx: CallContext): Promise<UsageFile | null>
  close (id: string, ctx: CallContext): Promise<UsageFile | null>
  delete (id: string, ctx: CallContext): Promise<UsageFile | null>
  reprocess (id: string, ctx: CallContext): Promise<UsageFile | null>
  approveAll (id: string, ctx: CallContext): Promise<UsageFile | null>
  /** Multipart with the field `recon_file`. */
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
  /** Connect may close some of the records only. It may answer with fewer rows, other rows, or in another order. */
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
  /** Multipart with the field `recon_file` and, before it, `upload_note`. */
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
  /** Subscriptions. */
  assets (query: ListQuery<AssetFilter, AssetSortField>, ctx: CallContext): Promise<Page<Asset>>
  /** Which product is sold on which marketplace under which contract. */
  listings (query: ListQuery<ListingFilter, ListingSortField>, ctx: CallContext): Promise<Page<Listing>>
}

export interface StorageApi {
  /**
   * Downloads from a signed link that Connect gave. Never sends the credential of the context. Throws
   * StorageRefusedError for a link that the URL allowlist refuses.
   */
  fetch (url: string, ctx: CallContext): Promise<Download>
}

export interface PoolStats {
  /** Open sockets. */
  readonly connected: number
  /** Calls that hold a slot. */
  readonly running: number
  /** Calls that wait for a slot. */
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
  /** Ends all running calls, and every later one, with ConnectAbortedError. Resolves when all sockets are closed. */
  close (): Promise<void>
}
