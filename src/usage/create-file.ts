import type { CreateUsageFileBody, UsageFile } from '../../schemas/usage-file.ts'
import type { Page, UsageFileFilter } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import type { Role } from './actions.ts'
import { createBody, findCreated } from './file-header.ts'
import { identifier } from './normalize.ts'
import { settle } from './outcome.ts'
import { showFile } from './perform-action.ts'

export interface CreateFileSteps {
  given: CreateUsageFileBody
  role: Role
  startedAt: Date
  /** Called once, whatever happens: a second call would make a second file. */
  create: (body: Connect.UsageFileCreateBody) => Promise<Connect.UsageFile | null>
  read: (id: string) => Promise<Connect.UsageFile>
  list: (filter: UsageFileFilter) => Promise<Page<Connect.UsageFile>>
}

/** Creates a usage file and gives its detail; a create whose answer was lost is looked for by its external id. */
export async function createFile ({ given, role, startedAt, create, read, list }: CreateFileSteps): Promise<UsageFile> {
  const body = createBody(given)
  const look = async (): Promise<Connect.UsageFile | null> => {
    if (!body.external_id) throw new Error('nothing to look for the file by')
    const { items } = await list({ 'external_id': body.external_id, 'product.id': body.product.id })
    return findCreated(items, body, startedAt)
  }
  const answer = await settle(async () => await create(body), look)
  // A success that names no file is as good as a lost answer.
  const file = identifier(answer?.id) === null ? await look().catch(() => null) : answer
  const id = identifier(file?.id)
  if (id === null) throw new AppError('OUTCOME_UNKNOWN', 'Connect took the file but did not say which one it is. Look before you repeat this.')
  return await showFile({ id, role, read: async () => await read(id) }, file, {})
}
