import type { CreateUsageFileBody } from '../../../schemas/usage-file-input.ts'
import type { UsageFile } from '../../../schemas/usage-file.ts'
import type { Page, UsageFileFilter } from '../../connect/filters.ts'
import { ConnectResponseError } from '../../connect/errors.ts'
import type * as Connect from '../../connect/types.ts'
import type { Actor } from '../../credentials/callers.ts'
import { AppError } from '../../errors/app-error.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { createOnce } from './create-once.ts'
import { createBody, isCreatedFrom, isCreatedOtherwise } from './file-header.ts'
import { requireQuotable } from '../filters/query-filters.ts'
import { text } from '../mapping/normalize.ts'
import { detailOf, toUsageFile } from '../mapping/usage-file.ts'
import { allItems, type Window } from '../paging.ts'

export interface CreateFileSteps {
  given: CreateUsageFileBody
  actor: Actor
  attempt?: IdempotentAttempt
  /** Sends the create to Connect. Called at most once: a second call would make a second file. */
  create: (body: Connect.UsageFileCreateBody) => Promise<Connect.UsageFile | null>
  read: (id: string) => Promise<Connect.UsageFile>
  list: (filter: UsageFileFilter, window: Window) => Promise<Page<Connect.UsageFile>>
}

/**
 * Creates a usage file and gives its detail; when the detail cannot be read, what Connect answered or listed. If the
 * answer is lost, looks for a new file with the same external id that fits what was sent; without an external id, a
 * lost answer is OUTCOME_UNKNOWN. Throws VALIDATION_FAILED for a bad period and for an external id that no filter can
 * hold, and NOT_FOUND or CONNECT_REJECTED when Connect refuses with 404 or 400.
 */
export async function createFile ({
  given, actor, attempt = ONLY_ATTEMPT, create, read, list
}: CreateFileSteps): Promise<UsageFile> {
  const body = createBody(given)
  const { external_id: externalId, product, name } = body
  // If Connect's answer is lost, the file is looked for by this id, so a filter must be able to hold the id.
  if (externalId) requireQuotable('body.externalId', externalId)
  const { id, object, isDetail } = await createOnce<Connect.UsageFile>({
    name: 'file',
    attempt,
    list: externalId
      ? async () => await allItems(window => list({ external_id: externalId, 'product.id': product.id }, window))
      : null,
    create: async () => await create(body),
    read,
    fits: file => isCreatedFrom(file, body),
    isOther: file => isCreatedOtherwise(file, body),
    isTelling: file => text(file.name) !== null,
    isWhole: (file, id) => detailOf(id, file) !== null,
    hint: sentAt => externalId
      ? `Look for usage files with the externalId ${JSON.stringify(externalId)}; where none has come within five ` +
        'minutes, the same request creates it.'
      : `Look for a draft with the name ${JSON.stringify(name)}, created at ${sentAt.toISOString()} or soon after. ` +
        'With an externalId it could be found.'
  }).catch((error: unknown) => { throw withHint(error) })
  return isDetail ? toUsageFile(object, actor, 'detail') : toUsageFile({ ...object, id }, actor, 'list')
}

/** Connect has no code for an id that is not valid, so a 400 or a 404 gets a hint at the list of valid ids. */
function withHint (error: unknown): unknown {
  if (!(error instanceof ConnectResponseError) || (error.status !== 400 && error.status !== 404)) return error
  const { status, errorCode, errors } = error
  return new AppError(
    status === 404 ? 'NOT_FOUND' : 'CONNECT_REJECTED',
    'Connect refused the usage file. GET /v1/usage-contracts lists the products and contracts with which a usage ' +
    `file can be created.${errors.length > 0 ? ` Connect says: ${errors.join(' ')}` : ''}`,
    { connect: { status, errorCode, errors: [...errors] }, cause: error }
  )
}
