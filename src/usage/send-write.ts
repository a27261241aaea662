import type { ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
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
}

/**
 * Sends a write; gives Connect's answer, or the object read back where the answer was lost. Connect always decides;
 * `obstacle` only explains a refusal.
 */
export async function sendWrite<Found> (write: Write<Found>): Promise<Found | null> {
  const { act, read, isDone } = write
  try {
    const { found } = await settle(
      async () => ({ found: await act() }),
      async () => {
        const found = await read()
        return when(isDone(found), { found })
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
