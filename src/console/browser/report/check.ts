import { UsageApiError, type Schemas, type UsageClient } from '@connect-usage-bff/client'
import type { Fault } from './faulty-rows.tsx'
import { linesOf, type Lines } from './rows.ts'

export type Check = Schemas['UsageCheck']

/** The usage file that the rows are for: one that exists, or a new one of a product. */
export type Target =
  | { fileId: string }
  | { productId: string, schema: Schemas['UsageSchema'], from: string, to: string }

/**
 * How the service reads CSV, NDJSON or JSON: the decimal sign of CSV, and by what rows name items and subscriptions
 * where the rows do not say it themselves (empty: each row must say it).
 */
export interface Reading { decimal: 'point' | 'comma', itemBy: string, assetBy: string }

/** Gives the check in an error that says that rows have errors; null for every other error. */
export function checkOf (error: unknown): Check | null {
  return error instanceof UsageApiError && error.code === 'ROWS_INVALID' ? error.problem?.check ?? null : null
}

/** Whether a table is a workbook: its first two bytes are `PK`, as in every zip file. */
export async function isWorkbook (table: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await table.slice(0, 2).arrayBuffer())
  return first === 0x50 && second === 0x4b
}

/** Gives the query parameters that tell the service how to read a table; none for a workbook. */
export function readingQuery ({ decimal, itemBy, assetBy }: Reading, isText: boolean, isCsv: boolean) {
  if (!isText) return {}
  const defaults = {
    ...(itemBy !== '' && { item_search_criteria: itemBy }), ...(assetBy !== '' && { asset_search_criteria: assetBy })
  }
  return {
    ...(isCsv && decimal === 'comma' && { decimal }),
    ...(Object.keys(defaults).length > 0 && { defaults: JSON.stringify(defaults) })
  }
}

type ReadingQuery = ReturnType<typeof readingQuery>

/** Asks the service which rows have errors. The service sends no rows to Connect for that. */
export async function checkTable (
  client: UsageClient, target: Target, table: Blob, query: ReadingQuery, signal: AbortSignal
): Promise<Check> {
  return await sendToCheck(client, target, table, query, { parseAs: 'json', signal })
}

/** Gives the rows of a table as a workbook in which the faulty cells are marked. */
export async function markTable (
  client: UsageClient, target: Target, table: Blob, query: ReadingQuery
): Promise<Blob> {
  return await sendToCheck(client, target, table, { ...query, format: 'xlsx' }, { parseAs: 'blob' })
}

async function sendToCheck<As extends 'json' | 'blob'> (
  client: UsageClient, target: Target, table: Blob, query: ReadingQuery & { format?: 'xlsx' },
  options: { parseAs: As, signal?: AbortSignal }
) {
  const look = { ...query, assets: 'true' as const }
  if ('fileId' in target) {
    const params = { path: target, query: look }
    return (await client.upload('/v1/usage-files/{fileId}/check', table, { params, ...options })).data
  }
  const { productId, ...about } = target
  const params = { path: { productId }, query: { ...look, ...about } }
  return (await client.upload('/v1/products/{productId}/usage-check', table, { params, ...options })).data
}

/** Gives CSV, NDJSON or JSON as objects, also rows with errors, so that a person can correct them. */
export async function readLines (
  client: UsageClient, productId: string, schema: Schemas['UsageSchema'], table: Blob, query: ReadingQuery,
  signal: AbortSignal
): Promise<Lines> {
  const { data } = await client.upload('/v1/products/{productId}/usage-workbook', table, {
    params: { path: { productId }, query: { ...query, schema, format: 'ndjson', check: 'report' } }, signal
  })
  return await linesOf(data as unknown as Blob)
}

export function faultsOf ({ problems }: Check): Fault[] {
  return problems.map(({ row, column, cell, recordId, message, severity, value }) => ({
    row, column, cell, recordId, value, text: message, isError: severity === 'error'
  }))
}
