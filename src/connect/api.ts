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

/** What `observe` gets when one attempt of a call has its response or its error. */
export interface CallObservation {
  readonly operation: string
  /** The number of the attempt of its call, from 1. */
  readonly attempt: number
  /** The status that Connect or the storage answered with. Null when no response arrived. */
  readonly status: number | null
  /**
   * The kind of the error that ended the attempt. Null for a response that `requireSuccess` accepted, even if its body
   * turns out to be unusable later.
   */
  readonly failure: ConnectErrorKind | null
  /**
   * The time from the sending of the attempt to its error or its whole response; of a download, to the first bytes. For
   * an attempt that got no slot of its pool: the time that it waited.
   */
  readonly durationMs: number
  /**
   * The `traceparent` that the context gave for this attempt. Null if the context gives none, and for an attempt that
   * got no slot.
   */
  readonly traceparent: string | null
  readonly isWrite: boolean
  /**
   * Whether Connect may have acted on the call. False for a read, for a 4xx with Connect's envelope, and for a request
   * that was not sent whole.
   */
  readonly mayHaveActed: boolean
}

/**
 * Tells the work for a request, such as a call to Connect, that the HTTP caller has left. An AbortSignal is a
 * LeaveSignal, but takes several times as much CPU.
 */
export interface LeaveSignal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

export interface CallContext {
  /** The account's credential for Connect, such as `ApiKey SU-…:…`. The client adds `ApiKey ` if it is missing. */
  readonly credential: string
  readonly requestId: string
  /**
   * Gives the W3C `traceparent` of an attempt. Called right before the attempt is sent. Storage hosts never get this
   * header.
   */
  readonly traceparent?: ((operation: string, attempt: number) => string) | undefined
  /** When this signal aborts, the call ends at once, and its socket is closed. */
  readonly signal?: LeaveSignal | undefined
  /**
   * The client awaits this function before it sends a write, with or without a JSON body. When the function throws, the
   * write is not sent and fails with that error. An upload does not call the function: the stream of the upload keeps
   * its last bytes back until they may be sent.
   */
  readonly beforeSend?: (() => Promise<void>) | undefined
  /**
   * When the first send of a write began, by `performance.now()`. Given for the second send only; an upload ignores it.
   * Both sends share the `timeoutMs` of the client. When more than half of `timeoutMs` is over, the second send does
   * not happen: ConnectTimeoutError.
   */
  readonly firstSentAt?: number | undefined
  /** False: a read is not sent again after a failure, because the calling function repeats it anyway. Default: true. */
  readonly mayRetry?: boolean | undefined
  /** Called once for each attempt that ends with a response or a ConnectError. Must not throw. */
  readonly observe?: ((observation: CallObservation) => void) | undefined
}

export interface UploadBody {
  /**
   * The source of the bytes: a Readable or a generator. Before the call settles, the client always calls `destroy` of a
   * Readable, or `return` of a generator without awaiting it. Connect may act on the upload when the last byte has
   * left, so a stream that can still fail must keep its last bytes back.
   */
  readonly stream: AsyncIterable<Uint8Array>
  /** The exact number of bytes that the stream yields. */
  readonly length: number
  /** The `Content-Type` of the request, with the boundary of the multipart form. */
  readonly contentType: string
}

export interface Download {
  /**
   * The body of the response. The calling function must read it to its end or destroy it. A body that is cut short ends
   * with an error.
   */
  readonly stream: Readable
  readonly contentType: string | null
  readonly contentLength: number | null
}

/**
 * Calls for usage files. A write gives the object that Connect answered with; null for a success without a body, or
 * with the body `null`.
 */
export interface UsageFilesApi {
  list (query: ListQuery<UsageFileFilter, UsageFileSortField>, ctx: CallContext): Promise<Page<UsageFile>>
  count (filter: UsageFileFilter, ctx: CallContext): Promise<number>
  create (body: UsageFileCreateBody, ctx: CallContext): Promise<UsageFile | null>
  get (id: string, ctx: CallContext): Promise<UsageFile>
  update (id: string, body: UsageFileUpdateBody, ctx: CallContext): Promise<UsageFile | null>
  /** Sends a workbook. `body` is a multipart form with the field `usage_file`. */
  upload (id: string, body: UploadBody, ctx: CallContext): Promise<UsageFile | null>
  submit (id: string, ctx: CallContext): Promise<UsageFile | null>
  accept (id: string, body: { readonly acceptance_note?: string }, ctx: CallContext): Promise<UsageFile | null>
  reject (id: string, body: { readonly rejection_note: string }, ctx: CallContext): Promise<UsageFile | null>
  close (id: string, ctx: CallContext): Promise<UsageFile | null>
  delete (id: string, ctx: CallContext): Promise<UsageFile | null>
  reprocess (id: string, ctx: CallContext): Promise<UsageFile | null>
  approveAll (id: string, ctx: CallContext): Promise<UsageFile | null>
  /** Sends a reconciliation workbook. `body` is a multipart form with the field `recon_file`. */
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
  /**
   * Closes many records in one call. Connect may close only some of them. The rows of the answer may be fewer than the
   * records, may be in another order, and may name other records.
   */
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
  /**
   * Sends a reconciliation workbook. `body` is a multipart form with the fields `upload_note` (optional) and, after it,
   * `recon_file`.
   */
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
  /** Lists assets, which are the subscriptions of customers. */
  assets (query: ListQuery<AssetFilter, AssetSortField>, ctx: CallContext): Promise<Page<Asset>>
  /** Lists listings: each says which product is sold on which marketplace under which contract. */
  listings (query: ListQuery<ListingFilter, ListingSortField>, ctx: CallContext): Promise<Page<Listing>>
}

export interface StorageApi {
  /**
   * Downloads a workbook from a signed link that Connect gave. Never sends the credential of the context. Throws
   * StorageRefusedError for a link that the URL allowlist refuses, and for a private address, unless the allowlist has
   * the full origin of the link.
   */
  fetch (url: string, ctx: CallContext): Promise<Download>
}

export interface PoolStats {
  /** The number of open sockets. */
  readonly connected: number
  /** The number of calls that hold a slot of the pool. */
  readonly running: number
  /** The number of calls that wait for a slot of the pool. */
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
