import type { ConnectClient } from '../connect/api.ts'
import { ConnectResponseError } from '../connect/errors.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { USAGE_SCHEMAS } from '../../schemas/common.ts'
import type { WriteContext } from '../usage/context.ts'
import { identifier, oneOf, requiredId } from '../usage/mapping/normalize.ts'
import { contractIdOf, productIdOf, statusOf } from '../usage/mapping/usage-file.ts'
import { allItems } from '../usage/paging.ts'
import type { CheckedAs, Report } from './report.ts'

/** The most ids of usage files that the problem REPORT_AMBIGUOUS names. */
const MAX_IDS = 100

/**
 * Gives the id of the usage file with this external id; null when no file has it. Ignores deleted files. Throws
 * REPORT_AMBIGUOUS when several files have it.
 */
export async function findFile (
  { usageFiles }: ConnectClient, externalId: string, context: WriteContext
): Promise<string | null> {
  const listed = await allItems(async window =>
    await usageFiles.list({ filter: { external_id: externalId }, sort: ['-created.at'], ...window }, context))
  const ids = listed.filter(file => statusOf(file) !== 'deleted').map(file => requiredId({ ...file }, 'usage file'))
  if (ids.length > 1) {
    throw new AppError(
      'REPORT_AMBIGUOUS', `${ids.length} usage files have this external id. Delete or change all but one.`,
      { extra: { fileIds: ids.slice(0, MAX_IDS) } }
    )
  }
  return ids[0] ?? null
}

/**
 * Throws REPORT_DIFFERS if the file has another product or contract than the report. A product or contract that Connect
 * does not show counts as the same.
 */
export function requireSameTarget (file: Connect.UsageFile, { header }: Report): void {
  const product = productIdOf(file)
  const contract = contractIdOf(file)
  const other = product !== null && product !== header.productId
    ? `the product ${product}`
    : contract !== null && contract !== header.contractId ? `the contract ${contract}` : null
  if (other === null) return
  throw new AppError('REPORT_DIFFERS', `The usage file with this external id is for ${other}. Nothing was changed.`, {
    extra: { fileIds: [identifier(file.id)], currentStatus: statusOf(file) }
  })
}

/** Gives the schema of a product from the catalogue, or else from its newest usage file; null if neither tells it. */
export async function schemaOfProduct (
  { catalogue, usageFiles }: ConnectClient, productId: string, context: WriteContext
): Promise<CheckedAs['schema'] | null> {
  const one = { limit: 1, offset: 0 }
  const inCatalogue = await catalogue.products({ filter: { id: productId }, ...one }, context).catch(nullIfHidden)
  const told = oneOf(USAGE_SCHEMAS, inCatalogue?.items[0]?.capabilities?.ppu?.schema)
  if (told !== null) return told
  const { items: [newest] } = await usageFiles.list(
    { filter: { 'product.id': productId }, sort: ['-created.at'], ...one }, context
  )
  return oneOf(USAGE_SCHEMAS, newest?.schema)
}

/** Gives null for 401, 403 and 404: Connect does not show the catalogue to this token. Throws all other errors. */
function nullIfHidden (error: unknown): null {
  if (error instanceof ConnectResponseError && [401, 403, 404].includes(error.status)) return null
  throw error
}
