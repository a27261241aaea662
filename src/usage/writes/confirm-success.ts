import { AppError } from '../../errors/app-error.ts'

export interface Confirmation<Found> {
  /** The object as it is known, if that is everything that a caller is shown; otherwise null. */
  whole: Found | null
  /** What `denies` judges when the object cannot be read. Null: the success then stands. Default: `whole`. */
  answer?: Found | null
  read: () => Promise<Found>
  /** Whether an object denies the success. `isRead`: the object comes from `read`, not from `whole` or `answer`. */
  denies: (found: Found, isRead: boolean) => boolean | Promise<boolean>
}

/**
 * Gives the object after the success of a write: `whole`, or the object as it is read when `whole` is null or denies
 * the success. Null when the object cannot be read and `answer` does not deny the success, which then stands. Throws
 * OUTCOME_UNKNOWN when the success is denied: an answer that reports a success may come from a proxy.
 */
export async function confirmSuccess<Found> ({
  whole,
  answer = whole,
  read,
  denies
}: Confirmation<Found>): Promise<Found | null> {
  if (whole !== null && !(await denies(whole, false))) return whole
  const found = await read().catch(() => null)
  if (found === null ? answer !== null && (await denies(answer, false)) : await denies(found, true)) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect reported success, but what it shows says otherwise. Read the object before you repeat the request.'
    )
  }
  return found
}

/** Gives the error for a reported success whose answer does not prove the change, when the object cannot be read. */
export function notShown (): AppError {
  return new AppError(
    'OUTCOME_UNKNOWN',
    'Connect reported success, but it does not show the change and the object cannot be read. Read it before ' +
    'you repeat the request.'
  )
}
