import type { CreateUsageFileBody } from '../../../schemas/usage-file-input.ts'
import type { UsageFile } from '../../../schemas/usage-file.ts'
import type { Page, UsageFileFilter } from '../../connect/filters.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Actor } from '../../credentials/callers.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { confirm } from './confirm.ts'
import { createBody, isCreatedFrom, isCreatedOtherwise } from './file-header.ts'
import { requireQuotable } from '../filters/query-filters.ts'
import { identifier, text } from '../mapping/normalize.ts'
import { detailOf, toUsageFile } from '../mapping/usage-file.ts'
import { newObject } from './compare.ts'
import { sendAndReadBack, stillUnknown } from './outcome.ts'
import { allItems, type Window } from '../paging.ts'

export interface CreateFileSteps {
  given: CreateUsageFileBody
  actor: Actor
  attempt?: IdempotentAttempt
  /** Called once, whatever happens: a second call would make a second file. */
  create: (body: Connect.UsageFileCreateBody) => Promise<Connect.UsageFile | null>
  read: (id: string) => Promise<Connect.UsageFile>
  list: (filter: UsageFileFilter, window: Window) => Promise<Page<Connect.UsageFile>>
}

/**
 * Creates a usage file and gives its detail. If the answer is lost, the file is the new one with the same external id.
 * This request never sends again: the list may not show the file yet, and there would be two. A later request with the
 * same Idempotency-Key sends it if no such file has appeared within five minutes.
 */
export async function createFile ({
  given,
  actor,
  attempt = ONLY_ATTEMPT,
  create,
  read,
  list
}: CreateFileSteps): Promise<UsageFile> {
  const body = createBody(given)
  const { external_id: externalId, product } = body
  const { earlier } = attempt
  // The file is looked for by this id.
  if (externalId) requireQuotable('body.externalId', externalId)
  if (earlier !== null && !externalId) {
    throw stillUnknown(
      `Look for a draft with the name ${JSON.stringify(body.name)}, created at ${earlier.sentAt.toISOString()} or ` +
      'soon after. With an externalId it could be found.'
    )
  }
  const listed = async (): Promise<Connect.UsageFile[]> =>
    externalId ? await allItems(window => list({ external_id: externalId, 'product.id': product.id }, window)) : []
  const there = earlier === null ? (await listed()).map(idOf) : (earlier.before?.['files']?.split(' ') ?? null)
  if (earlier === null && there !== null) attempt.note({ files: there.join(' ') })
  const before = new Set(there)
  const readBack = async (): Promise<Connect.UsageFile | null | undefined> => {
    if (!externalId || there === null) return undefined
    return newObject(await listed(), before, file => isCreatedFrom(file, body))
  }
  const isUntouched = (): boolean => {
    if (earlier?.isOver === true) return true
    throw stillUnknown(
      `Look for usage files with the externalId ${JSON.stringify(externalId)}; where none has come within five ` +
      'minutes, the same request creates it.'
    )
  }
  const answer = await sendAndReadBack(async () => await create(body), readBack, { attempt, isUntouched })
  // A success that names no file, or another one, is as good as a lost answer.
  const isNamed =
    answer !== null && identifier(answer.id) !== null && !before.has(idOf(answer)) && !isCreatedOtherwise(answer, body)
  const file = (isNamed ? answer : await readBack().catch(() => null)) ?? null
  const id = identifier(file?.id)
  if (id === null) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect took the file but did not say which one it is. Search for the file before you repeat the request.'
    )
  }
  const shown = await confirm({
    whole: detailOf(id, file),
    answer: file,
    read: async () => await read(id),
    isUndone: (found, isRead) => isCreatedOtherwise(found, body) || (!isRead && text(found.name) === null)
  })
  return shown === null ? toUsageFile({ ...file, id }, actor, 'list') : toUsageFile(shown, actor, 'detail')
}

function idOf (file: Connect.UsageFile): string {
  return file.id ?? ''
}
