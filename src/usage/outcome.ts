import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'

/** Connect answered that it will not: bad data or a status that forbids it. */
export function isRefusal (error: unknown): error is ConnectResponseError {
  return error instanceof ConnectResponseError && [400, 409, 422].includes(error.status)
}

/** A write that may have been carried out although no usable answer says so. */
export function isDoubtful (error: unknown): error is ConnectError {
  if (!(error instanceof ConnectError) || error.sent === 'no' || !error.bodyComplete) return false
  switch (error.kind) {
    case 'timeout': case 'reset': case 'aborted': return true
    case 'response': return error.status !== null && error.status >= 500
    // A success that cannot be read probably did something; a redirect may have.
    case 'bad-payload': return true
    default: return false
  }
}

/**
 * Sends a write once and learns its outcome. After a doubtful end `findOut` looks: it gives the value of the success,
 * or null when nothing changed. A failure that Connect itself answered is then one; after silence it may still act.
 */
export async function settle<Value> (send: () => Promise<Value>, findOut: () => Promise<Value | null>): Promise<Value> {
  try {
    return await send()
  } catch (error) {
    if (!isDoubtful(error)) throw error
    const found = await lookFor(findOut)
    if (found !== null) return found
    // A gateway that gave up waiting does not speak for the server behind it.
    if (error instanceof ConnectResponseError && error.status !== 504) throw error
    if (error.kind === 'bad-payload' && error.status !== null && error.status >= 300) throw error
    throw new AppError('OUTCOME_UNKNOWN', 'Connect gave no usable answer, and so far nothing has changed. Look before you repeat this.', { cause: error })
  }
}

async function lookFor<Value> (findOut: () => Promise<Value | null>): Promise<Value | null> {
  try {
    return await findOut()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('OUTCOME_UNKNOWN', 'Connect gave no usable answer, and it cannot be asked whether it acted. Look before you repeat this.', { cause: error })
  }
}
