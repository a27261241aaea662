import { bodyOf, NDJSON, repeatable, type TableSource } from './bodies.ts'
import {
  closeFileRecords, closeRecords, type CloseOptions, type RecordToClose, type SendRecords
} from './closing.ts'
import type { operations } from './document.ts'
import { readEvents, type UsageEvent } from './events.ts'
import { readBody } from './errors.ts'
import { cutOff, linesOf } from './lines.ts'
import type { Progress } from './send.ts'
import { makeTransport, newKey, type ClientOptions, type Transport } from './transport.ts'
import type {
  Answer, ClientMethod, ItemOf, Last, ListPath, ParamsOf, Reconciliation, RecordOutcome, RowOf, RowsPath, Schemas,
  TableAnswer, TableParseAs, TablePath, UsageChunk, UsageFile, UsageReport, WriteOptions
} from './types.ts'
import { waitUntilAtRest, type Waited, type WaitTarget } from './waiting.ts'

/** The paths of workbooks. The NDJSON of a list ends with a summary, that of a workbook does not. */
const TABLE_PATHS = /\/(?:files\/\w+|file|usage-template)$/

export interface SignalOption {
  /** Aborts the call, which then throws the reason of the signal. Only `events` ends without an error. */
  signal?: AbortSignal
}

export interface SendOptions extends SignalOption, WriteOptions {
  /** Is called while the body is sent. */
  onProgress?: (progress: Progress) => void
}

export interface UploadOptions extends SendOptions {
  /** The note of a reconciliation (`POST /v1/reconciliations`). */
  note?: string
}

export interface ReportToPublish extends SendOptions {
  /** The header of the usage file. */
  report: Schemas['PublishUsageReport']
  table: TableSource
  /** Whether the file is submitted when it is ready. Default: false. */
  submit?: boolean
  /** How the service reads and checks the rows, for example `{ decimal: 'comma' }` for CSV. */
  query?: Omit<NonNullable<operations['publishUsageReport']['parameters']['query']>, 'submit'>
}

/** Without ids: all usage files that are `uploading`, `uploaded`, `processing` or `pending` are watched. */
export interface EventFilter {
  fileId?: string[]
  chunkId?: string[]
  reconciliationId?: string[]
}

/** The billing data for all records of a file. `externalBillingId` is the number of the invoice in your system. */
export type Billing = Omit<RecordToClose, 'id'>

/** The client of the service. A request that fails for good throws `UsageApiError`. For examples see the README. */
export class UsageClient {
  readonly GET: ClientMethod<'get'>
  readonly POST: ClientMethod<'post'>
  readonly PUT: ClientMethod<'put'>
  readonly PATCH: ClientMethod<'patch'>
  readonly DELETE: ClientMethod<'delete'>
  readonly #transport: Transport

  constructor (options: ClientOptions) {
    this.#transport = makeTransport(options)
    this.GET = this.#transport.method('get')
    this.POST = this.#transport.method('post')
    this.PUT = this.#transport.method('put')
    this.PATCH = this.#transport.method('patch')
    this.DELETE = this.#transport.method('delete')
  }

  /** Sends a table to an operation that takes one. For an answer as CSV, NDJSON or XLSX, give `parseAs: 'blob'`. */
  async upload<P extends TablePath, As extends TableParseAs = 'json'> (
    path: P, table: TableSource, { onProgress, signal, idempotencyKey = newKey(), note, parseAs, ...init }:
      ParamsOf<P, 'post'> & UploadOptions & { parseAs?: As }
  ): Promise<Answer<TableAnswer<P, As>>> {
    const body = await bodyOf(table, note === undefined ? undefined : { note })
    const request = { method: 'POST', path, params: init.params, body, idempotencyKey, onProgress, signal }
    return await this.#transport.retry(body.isRepeatable, signal, async () => {
      const response = await this.#transport.send(request)
      const isBlob = parseAs === 'blob' || path.endsWith('/usage-workbook')
      return { data: await readBody(response, isBlob ? 'blob' : 'json') as TableAnswer<P, As>, response }
    })
  }

  /**
   * Sends a report repeatedly until Connect has processed its file. Gives the report: `state` is `invalid` if Connect
   * found errors. Rows that can be read only once are held in memory, because they may be sent several times.
   */
  async publish (externalId: string, options: ReportToPublish): Promise<UsageReport> {
    const { report, table, submit = false, idempotencyKey = newKey(), signal, onProgress } = options
    const body = await repeatable(await bodyOf(table, { report: JSON.stringify(report) }))
    const params = { path: { externalId }, query: { ...options.query, submit: String(submit) } }
    const request = {
      method: 'PUT', path: '/v1/usage-reports/{externalId}', params, body, idempotencyKey, onProgress, signal
    }
    for (;;) {
      const { status, data } = await this.#transport.retry(true, signal, async () => {
        const response = await this.#transport.send(request)
        return { status: response.status, data: await readBody(response, 'json') as UsageReport }
      })
      if (status !== 202) return data
      await this.waitFor({ fileId: data.file.id }, { ...(signal !== undefined && { signal }) })
    }
  }

  /** Waits until Connect no longer works on the object, and gives the object. The wait has no time limit of its own. */
  async waitFor<Target extends WaitTarget> (target: Target, { signal }: SignalOption = {}): Promise<Waited<Target>> {
    const init = { ...(signal !== undefined && { signal }) }
    const found = 'fileId' in target
      ? await waitUntilAtRest<UsageFile>('file', async Prefer => (await this.GET('/v1/usage-files/{fileId}', {
        params: { path: target, header: { Prefer } }, ...init
      })).data, signal)
      : 'chunkId' in target
        ? await waitUntilAtRest<UsageChunk>('chunk', async Prefer => (await this.GET('/v1/usage-chunks/{chunkId}', {
          params: { path: target, header: { Prefer } }, ...init
        })).data, signal)
        : await waitUntilAtRest<Reconciliation>('reconciliation', async Prefer => (
          await this.GET('/v1/reconciliations/{reconciliationId}', {
            params: { path: target, header: { Prefer } }, ...init
          })).data, signal)
    return found as Waited<Target>
  }

  /**
   * Yields the present statuses of the watched objects, then changes of status, until the signal aborts. When a
   * connection ends or fails, the client connects again, without a limit, and yields the present statuses again. Throws
   * `UsageApiError` when the service refuses for good.
   */
  async * events (filter: EventFilter = {}, { signal }: SignalOption = {}): AsyncGenerator<UsageEvent, void, void> {
    const request = { method: 'GET', path: '/v1/events', params: { query: filter }, accept: 'text/event-stream' }
    yield * readEvents(async signal => await this.#transport.send({ ...request, signal }), signal)
  }

  /** Yields the items of a list page by page. If the list changes meanwhile, an item can come twice or not at all. */
  async * list<P extends ListPath> (
    path: P, ...[init]: Last<ParamsOf<P, 'get'> & SignalOption>
  ): AsyncGenerator<ItemOf<P>, void, void> {
    const { params = {}, signal } = (init ?? {}) as { params?: { query?: { offset?: number } }, signal?: AbortSignal }
    let { offset = 0 } = params.query ?? {}
    for (;;) {
      const request = { method: 'GET', path, params: { ...params, query: { ...params.query, offset } }, signal }
      const page = await this.#transport.retry(true, signal, async () =>
        await readBody(await this.#transport.send(request), 'json') as { items: Array<ItemOf<P>>, total: number })
      yield * page.items
      offset += page.items.length
      if (page.items.length === 0 || offset >= page.total) return
    }
  }

  /** Yields items of a list or rows of a workbook while they arrive. Throws `UsageApiError` for a cut-off answer. */
  async * rows<P extends RowsPath> (
    path: P, ...[init]: Last<ParamsOf<P, 'get'> & SignalOption>
  ): AsyncGenerator<RowOf<P>, void, void> {
    const { params, signal }: { params?: unknown } & SignalOption = init ?? {}
    const request = { method: 'GET', path, params, accept: NDJSON, signal }
    const response = await this.#transport.retry(true, signal, async () => await this.#transport.send(request))
    const isList = !TABLE_PATHS.test(path)
    let isWhole = !isList
    for await (const line of linesOf(response, signal)) {
      if (isList && typeof line === 'object' && line !== null && 'summary' in line) isWhole = true
      else yield line as RowOf<P>
    }
    if (!isWhole) throw cutOff(response)
  }

  /** Closes records, and yields one outcome for each. Throws if requests fail for good before that. */
  async * closeRecords (
    records: Iterable<RecordToClose>, { signal }: SignalOption = {}
  ): AsyncGenerator<RecordOutcome, void, void> {
    yield * closeRecords([...records], this.#sendRecords(signal), this.#closing(signal))
  }

  /**
   * Closes all approved records of a usage file. Yields one outcome for each record that the service told of: closed
   * records at once, others at the end. Repeats requests after errors that may pass, after unknown outcomes, and while
   * approved records may be left. A record has no outcome if it was closed but the answer was cut off before that.
   * Throws `UsageApiError` at the end when the last request failed or approved records may be left.
   */
  async * closeFileRecords (
    fileId: string, billing: Billing, { signal }: SignalOption = {}
  ): AsyncGenerator<RecordOutcome, void, void> {
    const request = { method: 'POST', path: '/v1/usage-files/{fileId}/records/close', params: { path: { fileId } } }
    const body = {
      contentType: 'application/json', content: new Blob([JSON.stringify(billing)]), isRepeatable: true
    }
    const options = this.#closing(signal)
    yield * closeFileRecords(
      async idempotencyKey => await this.#transport.send({ ...request, body, accept: NDJSON, idempotencyKey, signal }),
      told => closeRecords(told.map(({ id }) => ({ id, ...billing })), this.#sendRecords(signal), options, told),
      options
    )
  }

  #sendRecords (signal: AbortSignal | undefined): SendRecords {
    const request = { method: 'POST', path: '/v1/usage-records/close', accept: NDJSON, signal }
    return async (records, idempotencyKey) => {
      const body = await bodyOf(records as unknown as Iterable<Record<string, string>>)
      return await this.#transport.send({ ...request, body, idempotencyKey })
    }
  }

  #closing (signal: AbortSignal | undefined): CloseOptions {
    return { newKey, retryMs: this.#transport.retryMs, signal }
  }
}

/** Makes a client. Throws a TypeError when `baseUrl` is not a URL. */
export function createUsageClient (options: ClientOptions): UsageClient {
  return new UsageClient(options)
}
