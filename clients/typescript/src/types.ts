import type { Client, ClientPathsWithMethod, FetchResponse, MaybeOptionalInit, ParamsOption } from 'openapi-fetch'
import type { components, paths } from './document.ts'

/** The schemas of the OpenAPI document by name: `Schemas['UsageFile']`. */
export type Schemas = components['schemas']

export type UsageFile = Schemas['UsageFile']
export type UsageRecord = Schemas['UsageRecord']
export type UsageChunk = Schemas['UsageChunk']
export type Reconciliation = Schemas['Reconciliation']
export type UsageReport = Schemas['UsageReport']
export type RecordOutcome = Schemas['RecordOutcome']

/** The client of openapi-fetch, with the types of the document. */
export type Core = Client<paths, 'application/json'>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The paths of the document that have a method. */
export type PathOf<M extends Method> = ClientPathsWithMethod<Core, M>

/** `params`, `body`, `signal` and the other options of openapi-fetch for one operation. */
export type InitOf<P extends keyof paths, M extends Method> =
  NonNullable<MaybeOptionalInit<paths[P], M>>

export interface WriteOptions {
  /**
   * The Idempotency-Key of a write. The service does the same write with the same key once in 24 hours. Without it each
   * call of a method gets a new key, and keeps it when it sends the request again.
   */
  idempotencyKey?: string
}

/** What a method answers when it succeeds. */
export interface Answer<Data> {
  data: Data
  response: Response
}

type ParseAs = 'json' | 'text' | 'blob' | 'arrayBuffer' | 'stream'

/** What an operation answers with success: JSON with its type, unless `parseAs` says otherwise. */
type DataOf<Operation, As extends ParseAs> = Operation extends Record<string | number, unknown>
  ? Extract<FetchResponse<Operation, 'json' extends As ? object : { parseAs: As }, 'application/json'>, {
    error?: never
  }>['data']
  : never

/** The last parameter; it may be left out when all its members may. */
export type Last<Init> = Record<never, never> extends Init ? [init?: Init] : [init: Init]

/** A method of the client: the path first, then what the operation needs. Throws `UsageApiError`. */
export type ClientMethod<M extends Method> = <P extends PathOf<M>, As extends ParseAs = 'json'>(
  path: P, ...init: Last<InitOf<P, M> & WriteOptions & { parseAs?: As }>
) => Promise<Answer<DataOf<paths[P][M], As>>>

type JsonAnswer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer Json } } } }
}
  ? Json
  : never

/** What a list holds. */
export type ItemOf<P extends keyof paths> = JsonAnswer<P> extends { items: ReadonlyArray<infer Item> } ? Item : never

/** A row of a table that was read, by column name, or a category, which comes before the rows. */
export type ReadRow = Schemas['TableRow'] | { category: Schemas['TableCategory'] }

/** What each line of a list or of a table is. */
export type RowOf<P extends keyof paths> = JsonAnswer<P> extends { items: ReadonlyArray<infer Item> }
  ? Item
  : JsonAnswer<P> extends { rows: readonly unknown[] } ? ReadRow : never

/** The paths of lists. */
export type ListPath = { [P in PathOf<'get'>]: [ItemOf<P>] extends [never] ? never : P }[PathOf<'get'>]

/** The paths of lists, and of workbooks, whose rows can be read. */
export type RowsPath = { [P in PathOf<'get'>]: [RowOf<P>] extends [never] ? never : P }[PathOf<'get'>]

/** The paths that take a table: a workbook, or rows. */
export type TablePath = {
  [P in PathOf<'post'>]: paths[P]['post'] extends { requestBody: { content: { 'text/csv': string } } } ? P : never
}[PathOf<'post'>]

/** The parameters of an operation. */
export type ParamsOf<P extends keyof paths, M extends Method> = ParamsOption<paths[P][M]>

/** How the answer to a table is read. Default: `json`; a conversion gives a table, so it is always a `blob`. */
export type TableParseAs = 'json' | 'blob'

/** What a table that was sent is answered with. */
export type TableAnswer<P extends TablePath, As extends TableParseAs> = P extends `${string}/usage-workbook`
  ? Blob
  : DataOf<paths[P]['post'], As>
