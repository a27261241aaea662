import type { Download } from '../connect/api.ts'
import { ConnectResponseError } from '../connect/errors.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from './mapping/normalize.ts'
import { isRefusal } from './writes/send-and-read-back.ts'

export type WorkbookKind = 'uploaded' | 'processed' | 'reconciliation'

const LINKS = {
  uploaded: 'usage_file_uri',
  processed: 'processed_file_uri',
  reconciliation: 'reconciliation_file_uri'
} as const

/**
 * Opens a workbook of a usage file for reading. `read` gives the usage file as Connect shows it, `follow` opens a
 * signed link. Throws NOT_FOUND when the file has no link or the storage no longer holds the workbook (404), and
 * UPSTREAM_FAILED when the storage refuses the link (any other 4xx but 429).
 */
export async function openWorkbook (
  kind: WorkbookKind,
  read: () => Promise<Connect.UsageFile>,
  follow: (link: string) => Promise<Download>
): Promise<Download> {
  return await openLinked(`${kind} workbook`, async () => linkOf(kind, await read()), follow)
}

/**
 * Opens the template of a product: the empty workbook for its usage. Throws NOT_FOUND when the product has no template
 * or the storage no longer holds it (404).
 */
export async function openTemplate (
  read: () => Promise<Connect.UsageTemplate>,
  follow: (link: string) => Promise<Download>
): Promise<Download> {
  return await openLinked(
    'template',
    async () => {
      const link = identifier((await read()).template_link)
      if (link === null) throw new AppError('NOT_FOUND', 'The product has no usage template.')
      return link
    },
    follow
  )
}

/**
 * Opens a workbook that Connect serves itself, without a link. After a refusal (400, 404, 409 or 422) throws NOT_FOUND
 * with the reason that `missing` gives for the absence of the workbook; if `missing` gives null, throws the refusal.
 */
export async function openServed (
  open: () => Promise<Download>,
  missing: () => Promise<string | null>
): Promise<Download> {
  try {
    return await open()
  } catch (error) {
    if (!isRefusal(error) && !isNotFound(error)) throw error
    const reason = await missing()
    throw reason === null ? error : new AppError('NOT_FOUND', reason, { cause: error })
  }
}

/**
 * Reads a link and opens it at once, because it is valid only for seconds. After a 401 or 403 of the storage, reads a
 * new link and opens that, once.
 */
async function openLinked (
  what: string,
  readLink: () => Promise<string>,
  follow: (link: string) => Promise<Download>
): Promise<Download> {
  const open = async (): Promise<Download> => await follow(await readLink())
  try {
    return await open().catch(async (error: unknown) => {
      if (isExpired(error)) return await open()
      throw error
    })
  } catch (error) {
    throw fromStorage(error, what)
  }
}

function linkOf (kind: WorkbookKind, file: Connect.UsageFile): string {
  const link = identifier(file[LINKS[kind]])
  if (link === null) {
    throw new AppError('NOT_FOUND', `The usage file has no ${kind} workbook${kind === 'processed' ? ' yet' : ''}.`)
  }
  return link
}

const isStorage = (error: unknown): error is ConnectResponseError =>
  error instanceof ConnectResponseError && error.operation.startsWith('storage.')

const isNotFound = (error: unknown): boolean => error instanceof ConnectResponseError && error.status === 404

const isExpired = (error: unknown): boolean => isStorage(error) && [401, 403].includes(error.status)

/** The storage gets no credential, so a 401 or 403 is UPSTREAM_FAILED, as any other 4xx but 404 and 429 is. */
function fromStorage (error: unknown, what: string): unknown {
  if (!isStorage(error) || error.status >= 500 || error.status === 429) return error
  if (error.status === 404) {
    return new AppError('NOT_FOUND', `The storage no longer holds the ${what}.`, { cause: error })
  }
  return new AppError('UPSTREAM_FAILED', 'The storage refused the link that Connect gave.', { cause: error })
}
