/** The client's public face: what routes and plugins may rely on. */
import type { Readable } from 'node:stream'
import type { ConnectErrorKind } from './errors.ts'
import type {
  ListQuery, Page, ReconciliationFilter, ReconciliationSortField, UsageAggregateFilter, UsageCategoryFilter,
  UsageCategorySortField, UsageChunkFilter, UsageChunkSortField, UsageFileFilter, UsageFileSortField,
  UsageRecordFilter, UsageRecordSortField, UsageRuleFilter, UsageRuleSortField
} from './filters.ts'
import type {
  BillingBody, ClosedRecord, Reconciliation, RecordToClose, UsageAggregate, UsageCategory, UsageChunk, UsageFile,
  UsageFileCreateBody, UsageFileUpdateBody, UsageRecord, UsageRecordStatus, UsageRule, UsageRuleCreateBody,
  UsageRuleUpdateBody, UsageTemplate
} from './types.ts'

/** One attempt at one upstream call, told when it is over. */
export interface CallObservation {
  readonly operation: string
  /** 1 for the first. */
  readonly attempt: number
  /** Connect's, or null when none arrived. */
  readonly status: number | null
  /** Null on success. */
  readonly failure: ConnectErrorKind | null
  /** Without the wait for a place in the pool. */
  readonly durationMs: number
  /** What it was told by the context; null for an attempt that never got a place in its pool. */
  readonly traceparent: string | null
  readonly isWrite: boolean
  /** Connect may have carried it out: false for a read, a refusal, and what did not reach it whole. */
  readonly mayHaveActed: boolean
}

/**
 * What tells a call that nobody waits for it any more; an AbortSignal is one, and one that costs several times as much.
 */
export interface LeaveSignal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

export interface CallContext {
  /** `ApiKey SU-…:…`; the prefix is added when missing. */
  readonly credential: string
  readonly requestId: string
  /** Asked as an attempt begins: the W3C traceparent of that attempt. Storage hosts never get it. */
  readonly traceparent?: ((operation: string, attempt: number) => string) | undefined
  /** Ends the call, and the socket under it, at once. */
  readonly signal?: LeaveSignal | undefined
  /**
   * Awaited before Connect can have the whole of a write: before a JSON body goes, and before the last bytes of an
   * upload do. When it throws, the write is not sent, or cut short, and fails with what was thrown.
   */
  readonly beforeSend?: (() => Promise<void>) | undefined
  /**
   * For a write that was sent before, at this moment of `performance.now()`, and certainly did nothing: this call is
   * its second attempt and has what is left of its time. Where that is less than went by, it is not made.
   */
  readonly firstSentAt?: number | undefined
  /** Called once an attempt; must not throw. */
  readonly observe?: ((observation: CallObservation) => void) | undefined
}

export interface UploadBody {
  /** Taken over: destroyed or returned by the time the call settles, whatever happens. */
  readonly stream: Readable | AsyncIterable<Uint8Array>
  /** Exact number of bytes the stream yields. */
  readonly length: number
  /** With the boundary, where it is multipart. */
  readonly contentType: string
}

export interface Download {
  /** Owned by the caller: read it to the end or destroy it. A cut body ends in an error, never in a clean end. */
  readonly stream: Readable
  readonly contentType: string | null
  readonly contentLength: number | null
}

/** Writes answer what Connect sent, or null when it answered success without a body. */
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
  /** Partial success: look at every element, and expect fewer, other or reordered ones. */
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

export interface StorageApi {
  /** Follows a signed link that Connect gave. The credential of the context is never sent. */
  fetch (url: string, ctx: CallContext): Promise<Download>
}

export interface PoolStats {
  /** Open sockets. */
  readonly connected: number
  /** Calls that hold a place. */
  readonly running: number
  /** Calls that wait for one. */
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
  readonly storage: StorageApi
  stats (): Readonly<Record<PoolName, PoolStats>>
  /** Lets no new call in, ends the running ones and resolves when every socket is closed. */
  close (): Promise<void>
}
