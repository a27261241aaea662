import type { ConnectResponseError } from '../../connect/errors.ts'
import { AppError } from '../../errors/app-error.ts'
import { isSameTrace, ONLY_ATTEMPT, type Attempt, type Trace } from './attempt.ts'
import { isRefusal, settle, when, type Resend } from './outcome.ts'

export interface Obstacle { detail: string, extra: Record<string, unknown> }

export interface Write<Found> {
  /** Sends the write; a second time only if it `isResendable`. */
  act: (again: Resend) => Promise<Found | null>
  read: () => Promise<Found>
  /** Whether the object, read after a doubtful end, shows the effect; null when that cannot be told from it. */
  isDone: (found: Found) => boolean | null | Promise<boolean | null>
  /** What in the object, read after a refusal, forbids the write; null when nothing does. */
  obstacle: (found: Found) => Obstacle | null
  attempt?: Attempt
  /** The object before, where it was read already. */
  before?: Found
  /** What of the object changes when anything is done to it. */
  trace: (found: Found) => Trace
  /**
   * False where an object that looks as before proves nothing: then the write is not sent after an attempt of unknown
   * outcome.
   */
  isRepeatable?: boolean
  /**
   * True where a second send has the same end as the first: then it follows a failure that Connect answered, if the
   * object is as before.
   */
  isResendable?: boolean
}

/**
 * Sends a write; gives Connect's answer, or the object read back where the answer was lost. Connect always decides;
 * `obstacle` only explains a refusal.
 */
export async function sendWrite<Found> (write: Write<Found>): Promise<Found | null> {
  const { act, read, isDone, trace, attempt = ONLY_ATTEMPT, isRepeatable = true, isResendable = false } = write
  const { earlier } = attempt
  const before = earlier !== null ? earlier.before : attempt.isKept ? trace(write.before ?? await read()) : null
  if (earlier === null && before !== null) attempt.note(before)
  let seen: Found | null = null
  const isAsBefore = (): boolean => seen !== null && isSameTrace(trace(seen), before)
  try {
    const { found } = await settle(
      async again => ({ found: await act(again) }),
      async () => {
        const found = await read()
        seen = found
        return when(await isDone(found), { found })
      },
      {
        attempt,
        isUntouched: () => isRepeatable && isAsBefore(),
        mayResend: failed => isResendable && failed === 'answered' && isAsBefore()
      }
    )
    return found
  } catch (error) {
    throw isRefusal(error) ? await explained(write, error) : error
  }
}

async function explained<Found> ({ read, obstacle }: Write<Found>, error: ConnectResponseError): Promise<Error> {
  const found = await read().catch(() => null)
  const reason = found === null ? null : obstacle(found)
  if (reason === null) return error
  const connect = { status: error.status, errorCode: error.errorCode, errors: [...error.errors] }
  return new AppError('ACTION_NOT_ALLOWED', reason.detail, { connect, extra: reason.extra, cause: error })
}
