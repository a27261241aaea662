import type { CreateUsageFileBody, UsageFile } from '../../schemas/usage-file.ts'
import type { Page, UsageFileFilter } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import type { Role } from './actions.ts'
import { ONLY_ATTEMPT, type Attempt } from './attempt.ts'
import { createBody, findCreated, isCreatedSince } from './file-header.ts'
import { identifier } from './normalize.ts'
import { settle, stillUnknown } from './outcome.ts'
import { showFile } from './perform-action.ts'

export interface CreateFileSteps {
  given: CreateUsageFileBody
  role: Role
  startedAt: Date
  attempt?: Attempt
  /** Called once, whatever happens: a second call would make a second file. */
  create: (body: Connect.UsageFileCreateBody) => Promise<Connect.UsageFile | null>
  read: (id: string) => Promise<Connect.UsageFile>
  list: (filter: UsageFileFilter) => Promise<Page<Connect.UsageFile>>
}

/**
 * Creates a usage file and gives its detail; a create whose answer was lost is looked for by its external id. After an
 * attempt of unknown outcome it is sent again only when none of that id has come, for as long as Connect could be at it.
 */
export async function createFile ({ given, role, startedAt, attempt = ONLY_ATTEMPT, create, read, list }: CreateFileSteps): Promise<UsageFile> {
  const body = createBody(given)
  const { earlier } = attempt
  const since = earlier?.sentAt ?? startedAt
  let seen: readonly Connect.UsageFile[] = []
  const look = async (): Promise<Connect.UsageFile | null> => {
    if (!body.external_id) {
      if (earlier === null) throw new Error('nothing to look for the file by')
      throw stillUnknown(`Look for a draft with the name ${JSON.stringify(body.name)}, created at ${since.toISOString()} or soon after. With an externalId it could be found.`)
    }
    seen = (await list({ 'external_id': body.external_id, 'product.id': body.product.id })).items
    return findCreated(seen, body, since)
  }
  const isUntouched = (): boolean => {
    if (earlier?.isOver === true && !seen.some(file => isCreatedSince(file, since))) return true
    throw stillUnknown(`Look for usage files with the externalId ${JSON.stringify(body.external_id)}; where none has come within five minutes, the same request creates it.`)
  }
  const answer = await settle(async () => await create(body), look, { attempt, isUntouched })
  // A success that names no file is as good as a lost answer.
  const file = identifier(answer?.id) === null ? await look().catch(() => null) : answer
  const id = identifier(file?.id)
  if (id === null) throw new AppError('OUTCOME_UNKNOWN', 'Connect took the file but did not say which one it is. Look before you repeat this.')
  return await showFile({ id, role, read: async () => await read(id) }, file, {})
}
