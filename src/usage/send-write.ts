import type { ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import { isSameTrace, ONLY_ATTEMPT, type Attempt, type Trace } from './attempt.ts'
import { isRefusal, settle, when } from './outcome.ts'

export interface Obstacle { detail: string, extra: Record<string, unknown> }

export interface Write<Found> {
  /** Sends the write. Called once, whatever happens. */
  act: () => Promise<Found | null>
  read: () => Promise<Found>
  /** Whether the object, read after a doubtful end, shows the effect; null when that cannot be told from it. */
  isDone: (found: Found) => boolean | null
  /** What in the object, read after a refusal, forbids the write; null when nothing does. */
  obstacle: (found: Found) => Obstacle | null
  attempt?: Attempt
  /** The object before, where it was read already. */
  before?: Found
  /** What of the object changes when anything is done to it. */
  trace: (found: Found) => Trace
  /** False where an object that looks as before proves nothing: then the write is not sent after an attempt of unknown outcome. */
  isRepeatable?: boolean
}

/**
 * Sends a write; gives Connect's answer, or the object read back where the answer was lost. Connect always decides;
 * `obstacle` only explains a refusal.
 */
export async function sendWrite<Found> (write: Write<Found>): Promise<Found | null> {
  const { act, read, isDone, trace, attempt = ONLY_ATTEMPT, isRepeatable = true } = write
  const { earlier } = attempt
  if (earlier === null && attempt.isKept) attempt.note(trace(write.before ?? await read()))
  let seen: Found | null = null
  try {
    const { found } = await settle(
      async () => ({ found: await act() }),
      async () => {
        const found = await read()
        seen = found
        return when(isDone(found), { found })
      },
      { attempt, isUntouched: () => isRepeatable && seen !== null && isSameTrace(trace(seen), earlier?.before ?? null) }
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
