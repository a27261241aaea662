import { AppError } from '../../errors/app-error.ts'
import { identifier } from '../mapping/normalize.ts'
import type { IdempotentAttempt } from './attempt.ts'
import { newObject } from './compare.ts'
import { confirmSuccess } from './confirm-success.ts'
import { sendAndReadBack, stillUnknown } from './send-and-read-back.ts'

/** The create of one object. `Found` is the object as Connect shows it. */
export interface Creation<Found> {
  readonly name: string
  readonly attempt: IdempotentAttempt
  /** Lists the objects among which the new one appears. Null when no list would tell the new object from others. */
  readonly list: (() => Promise<readonly Found[]>) | null
  /** Sends the create to Connect. Called at most once: a second call would make a second object. */
  readonly create: () => Promise<Found | null>
  readonly read: (id: string) => Promise<Found>
  /** Whether a listed object may be the one that was sent. */
  readonly fits: (found: Found) => boolean
  /** Whether an object shows that it is not the one that was sent. A field that is not shown proves nothing. */
  readonly isOther: (found: Found) => boolean
  /** Whether an answer or a listed object shows enough of what was sent to prove the success. */
  readonly isTelling: (found: Found) => boolean
  /** Whether an answer or a listed object has everything that a caller is shown. If not, the object is read. */
  readonly isWhole: (found: Found, id: string) => boolean
  /** The advice in the problem after an earlier attempt of unknown outcome, which was sent at `sentAt`. */
  readonly hint: (sentAt: Date) => string
}

export interface Created<Found> {
  readonly id: string
  readonly object: Found
  /** False: `object` is only what Connect answered to the create, or listed. */
  readonly isDetail: boolean
}

/**
 * Creates an object, once. If the answer is lost, or names no object or another one, the new object is the only one
 * that the list did not have before and that fits what was sent. This request never sends again: the list may not show
 * the object yet, and there would be two. With a list, a later attempt sends the create if no new object is listed over
 * five minutes after the last send. Throws OUTCOME_UNKNOWN when Connect does not show which object it made, if any.
 */
export async function createOnce<Found extends { readonly id?: unknown }> (
  creation: Creation<Found>
): Promise<Created<Found>> {
  const { name, attempt, list, create, read, fits, isOther, isTelling, isWhole, hint } = creation
  const { earlier } = attempt
  const notYet = (): never => { throw stillUnknown(hint(earlier?.sentAt ?? new Date())) }
  if (earlier !== null && list === null) notYet()
  const before = await idsBefore(creation)
  const readBack = list === null
    ? null
    : async () => before === null ? undefined : newObject(await list(), before, fits)
  const answer = await sendAndReadBack(create, readBack, {
    attempt,
    isUntouched: () => earlier?.isOver === true || notYet(),
    ...(readBack !== null && { readRefused: readBack })
  })
  const isNamed = answer !== null && before?.has(identifier(answer.id) ?? '') !== true && !isOther(answer)
  const made = (isNamed && identifier(answer.id) !== null ? answer : await readBack?.().catch(() => null)) ?? null
  const id = identifier(made?.id)
  if (made === null || id === null) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      `Connect took the ${name} but did not say which one it is. Search for the ${name} before you repeat the request.`
    )
  }
  const shown = await confirmSuccess({
    whole: isWhole(made, id) ? made : null,
    answer: made,
    read: async () => await read(id),
    denies: (found, isRead) => isOther(found) || (!isRead && !isTelling(found))
  })
  return { id, object: shown ?? made, isDetail: shown !== null }
}

/** Gives the ids that were listed before the first attempt; null without a list, or when the ids were not stored. */
async function idsBefore<Found extends { readonly id?: unknown }> (
  { attempt, list }: Creation<Found>
): Promise<ReadonlySet<string> | null> {
  if (attempt.earlier !== null) {
    const ids = attempt.earlier.before?.['ids']
    return typeof ids === 'string' ? new Set(ids.split(' ')) : null
  }
  if (list === null) return null
  const ids = (await list()).map(one => identifier(one.id) ?? '')
  attempt.note({ ids: ids.join(' ') })
  return new Set(ids)
}
