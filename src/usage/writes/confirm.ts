import { AppError } from '../../errors/app-error.ts'

export interface Confirmation<Found> {
  /** Connect's answer, where it is all that a caller is shown; else null. */
  whole: Found | null
  /** Connect's answer, however thin: what it denies counts where the object cannot be read. */
  answer?: Found | null
  read: () => Promise<Found>
  /**
   * Whether the object, Connect's answer or one that was read, shows that the write did not happen. What it does not
   * show proves nothing.
   */
  isUndone: (found: Found, isRead: boolean) => boolean | Promise<boolean>
}

/**
 * The object after a write that Connect reported as done: its answer, or a read where that is thin or says otherwise;
 * null when it cannot be read, which does not undo a success that its answer does not contradict. Throws
 * OUTCOME_UNKNOWN where Connect says yes and the object says no: a proxy's 200 is no effect.
 */
export async function confirm<Found> ({
  whole,
  answer = whole,
  read,
  isUndone
}: Confirmation<Found>): Promise<Found | null> {
  if (whole !== null && !(await isUndone(whole, false))) return whole
  const found = await read().catch(() => null)
  if (found === null ? answer !== null && (await isUndone(answer, false)) : await isUndone(found, true)) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect reported success, but what it shows says otherwise. Read the object before you repeat the request.'
    )
  }
  return found
}

/** Connect reported a change as done, showed nothing of it in its answer, and cannot be asked. */
export function notShown (): AppError {
  return new AppError(
    'OUTCOME_UNKNOWN',
    'Connect reported success, but it does not show the change and the object cannot be read. Read it before ' +
    'you repeat the request.'
  )
}
