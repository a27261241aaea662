import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import type { Attempt } from './attempt.ts'

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

export interface Again {
  attempt: Attempt
  /** Asked when nothing shows of an earlier attempt: whether that proves that it did nothing. */
  isUntouched: () => boolean | Promise<boolean>
}

/**
 * Sends a write once and learns its outcome. After a doubtful end `findOut` looks: it gives the value of the success,
 * null when nothing changed, undefined when what Connect shows cannot tell. A failure that Connect itself answered is
 * one where nothing changed; after silence it may still act.
 *
 * After an earlier attempt of unknown outcome it looks first: what shows is the success it was, and only what verifiably
 * had no effect is sent again. Should the earlier one get through at that moment, this one is refused, and the next look
 * shows why.
 */
export async function settle<Value> (send: () => Promise<Value>, findOut: () => Promise<Value | null | undefined>, again?: Again): Promise<Value> {
  if (again === undefined || again.attempt.earlier === null) return await sendAndLearn(send, findOut)
  const found = await lookFor(findOut)
  if (found !== null && found !== undefined) return found
  if (found === undefined || !await again.isUntouched()) throw stillUnknown()
  try {
    return await sendAndLearn(send, findOut)
  } catch (error) {
    const late = isRefusal(error) ? await lookFor(findOut) : null
    if (late !== null && late !== undefined) return late
    throw error
  }
}

/** For an attempt that follows one of unknown outcome; `hint` says what to look for. */
export function stillUnknown (hint = 'Look whether it is done, and repeat it with a new key if it is not.'): AppError {
  return new AppError('OUTCOME_UNKNOWN', `An earlier request with this Idempotency-Key was sent to Connect, and what it holds now does not tell whether it acted. ${hint}`)
}

async function sendAndLearn<Value> (send: () => Promise<Value>, findOut: () => Promise<Value | null | undefined>): Promise<Value> {
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
