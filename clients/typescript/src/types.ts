import type { Client, ClientPathsWithMethod, FetchResponse, MaybeOptionalInit, ParamsOption } from 'openapi-fetch'
import type { components, paths } from './document.ts'

/** The schemas of the OpenAPI document by name, for example `Schemas['UsageFile']`. */
export type Schemas = components['schemas']

export type UsageFile = Schemas['UsageFile']
export type UsageRecord = Schemas['UsageRecord']
export type UsageChunk = Schemas['UsageChunk']
export type Reconciliation = Schemas['Reconciliation']
export type UsageReport = Schemas['UsageReport']
export type RecordOutcome = Schemas['RecordOutcome']

export type Core = Client<paths, 'application/json'>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export type PathOf<M extends Method> = ClientPathsWithMethod<Core, M>

export type InitOf<P extends keyof paths, M extends Method> =
  NonNullable<MaybeOptionalInit<paths[P], M>>

export interface WriteOptions {
  /** The service does the same write with the same key only once in 24 hours. Default: a new key for each call. */
  idempotencyKey?: string
}

/** The result of a method whose request succeeded: the parsed body, and the answer itself. */
export interface Answer<Data> {
  data: Data
  response: Response
}

type ParseAs = 'json' | 'text' | 'blob' | 'arrayBuffer' | 'stream'

/** The body of an operation's successful answer: JSON with its type, unless `parseAs` names another form. */
type DataOf<Operation, As extends ParseAs> = Operation extends Record<string | number, unknown>
  ? Extract<FetchResponse<Operation, 'json' extends As ? object : { parseAs: As }, 'application/json'>, {
    error?: never
  }>['data']
  : never

/** The last parameter of a method. It may be left out when none of its members is required. */
export type Last<Init> = Record<never, never> extends Init ? [init?: Init] : [init: Init]

/** Takes a path, then the options of its operation. Throws `UsageApiError` when the request fails. */
export type ClientMethod<M extends Method> = <P extends PathOf<M>, As extends ParseAs = 'json'>(
  path: P, ...init: Last<InitOf<P, M> & WriteOptions & { parseAs?: As }>
) => Promise<Answer<DataOf<paths[P][M], As>>>

type JsonAnswer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer Json } } } }
}
  ? Json
  : never

/** The type of the items of the list at a path; `never` for a path without a list. */
export type ItemOf<P extends keyof paths> = JsonAnswer<P> extends { items: ReadonlyArray<infer Item> } ? Item : never

/** A row of a workbook that was read, by column name; or a category, which comes before the rows. */
export type ReadRow = Schemas['TableRow'] | { category: Schemas['TableCategory'] }

/** The lines of a path as NDJSON: the items of a list, or the rows of a workbook. `never` for other paths. */
export type RowOf<P extends keyof paths> = JsonAnswer<P> extends { items: ReadonlyArray<infer Item> }
  ? Item
  : JsonAnswer<P> extends { rows: readonly unknown[] } ? ReadRow : never

export type ListPath = { [P in PathOf<'get'>]: [ItemOf<P>] extends [never] ? never : P }[PathOf<'get'>]

export type RowsPath = { [P in PathOf<'get'>]: [RowOf<P>] extends [never] ? never : P }[PathOf<'get'>]

/** The paths to which `upload` can send a table: a workbook, or rows. */
export type TablePath = {
  [P in PathOf<'post'>]: paths[P]['post'] extends { requestBody: { content: { 'text/csv': string } } } ? P : never
}[PathOf<'post'>]

export type ParamsOf<P extends keyof paths, M extends Method> = ParamsOption<paths[P][M]>

/** How the answer to a table is read. The answer to a conversion is a table, so it is always a `blob`. */
export type TableParseAs = 'json' | 'blob'

export type TableAnswer<P extends TablePath, As extends TableParseAs> = P extends `${string}/usage-workbook`
  ? Blob
  : DataOf<paths[P]['post'], As>
