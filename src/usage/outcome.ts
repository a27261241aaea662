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
 * null when nothing changed, undefined when what Connect shows cannot tell. A failure that Connect itself answered is
 * one where nothing changed; after silence it may still act.
 */
export async function settle<Value> (send: () => Promise<Value>, findOut: () => Promise<Value | null | undefined>): Promise<Value> {
  try {
    return await send()
  } catch (error) {
    if (!isDoubtful(error)) throw error
    const found = await lookFor(findOut)
    if (found === undefined) throw unknown('nothing that it shows would tell whether it acted', error)
    if (found !== null) return found
    // A gateway that gave up waiting does not speak for the server behind it.
    if (error instanceof ConnectResponseError && error.status !== 504) throw error
    if (error.kind === 'bad-payload' && error.status !== null && error.status >= 300) throw error
    throw unknown('it shows no change so far', error)
  }
}

/** What `findOut` gives of an object that shows the effect, does not, or (null) cannot. */
export function when<Value> (isShown: boolean | null, value: Value): Value | null | undefined {
  if (isShown === null) return undefined
  return isShown ? value : null
}

async function lookFor<Value> (findOut: () => Promise<Value>): Promise<Value> {
  try {
    return await findOut()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw unknown('it cannot be asked whether it acted', error)
  }
}

function unknown (why: string, cause: unknown): AppError {
  return new AppError('OUTCOME_UNKNOWN', `Connect gave no usable answer, and ${why}. Look before you repeat this.`, { cause })
}
