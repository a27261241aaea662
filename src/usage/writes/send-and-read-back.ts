import type { CallContext } from '../../connect/api.ts'
import { ConnectError, ConnectResponseError, hasGivenUp } from '../../connect/errors.ts'
import { AppError } from '../../errors/app-error.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'

/** Whether Connect refused a call because of its data, or of a status that forbids it (400, 409, 422). */
export function isRefusal (error: unknown): error is ConnectResponseError {
  return error instanceof ConnectResponseError && [400, 409, 422].includes(error.status)
}

/** Whether Connect may have done the write in spite of this error. False for a 4xx in the form of Connect's errors. */
export function isDoubtful (error: unknown): error is ConnectError {
  if (!(error instanceof ConnectError) || error.sent === 'no' || !error.bodyComplete) return false
  switch (error.kind) {
    case 'timeout': case 'reset': case 'aborted': return true
    case 'response': return error.status !== null && (error.status >= 500 || !hasEnvelope(error))
    // A success that cannot be read probably did something. A redirect, or a 4xx that is not Connect's, may have.
    case 'bad-payload': return true
    default: return false
  }
}

/**
 * Whether Connect itself answered with a 4xx to a request that was sent whole. That should mean no change, but an error
 * after the change looks the same.
 */
function isRefusedWhole (error: unknown): error is ConnectResponseError {
  return hasEnvelope(error) && error.status < 500 && error.bodyComplete
}

function hasEnvelope (error: unknown): error is ConnectResponseError {
  return error instanceof ConnectResponseError && error.hasEnvelope
}

/** The option of a call that marks the second send of a write: when the first one began. Empty for the first send. */
export type Resend = Pick<CallContext, 'firstSentAt'>

/**
 * How the first send failed, where a second send may follow. `answered`: with a 5xx other than 504, and without a
 * `Retry-After` above 0. `reset`: the connection was lost before the head of an answer came.
 */
export type Failed = 'answered' | 'reset'

/**
 * Reads the object after a send. Gives the value of the success when the object shows the effect; null when it does not
 * show it, which alone does not prove that there was none; undefined when it cannot tell.
 */
type ReadBack<Value> = () => Promise<Value | null | undefined>

export interface Repeating<Value> {
  /**
   * Reads the object after Connect refused the first send of the first attempt. Without this function the refusal
   * stands. Exception: a 429, which no state of the object explains, so `readBack` reads the object. Set only if it is
   * known how the object was before the send.
   */
  readRefused?: ReadBack<Value> | undefined
  attempt?: IdempotentAttempt
  /** Whether an object that shows nothing of an earlier attempt proves that the attempt did nothing. Default: false. */
  isUntouched?: () => boolean | Promise<boolean>
  /** Whether an object that shows nothing of the first send proves that a second one can do no harm. Default: false. */
  mayResend?: (failed: Failed) => boolean | Promise<boolean>
}

/**
 * Sends a write and learns its outcome. After a send of unknown outcome (`isDoubtful`) `readBack` reads the object:
 * - It shows the effect: that is a success.
 * - It does not show the effect: after one of the failures in `Failed` the write is sent once more, in what is left of
 *   its time, if `mayResend` allows it. Otherwise the error is thrown if it is an answer with an error status (but 408,
 *   499 and 504) or a redirect. In all other cases Connect may still act: OUTCOME_UNKNOWN.
 * - It cannot be read or cannot tell: OUTCOME_UNKNOWN.
 *
 * After a refusal `readRefused` reads the object: an effect that it shows counts more than the refusal. `readBack` is
 * null when nothing tells whether Connect acted.
 *
 * After an earlier attempt of unknown outcome the object is read first. An effect that shows is the success of that
 * attempt. The write is sent again only if that attempt had no effect for certain, otherwise OUTCOME_UNKNOWN.
 */
export async function sendAndReadBack<Value> (
  send: (again: Resend) => Promise<Value>,
  readBack: ReadBack<Value> | null,
  repeating: Repeating<Value> = {}
): Promise<Value> {
  const { attempt: { earlier } = ONLY_ATTEMPT, isUntouched = () => false, mayResend = () => false } = repeating
  // Connect may refuse this send because the earlier one took effect.
  const readRefused = earlier === null ? repeating.readRefused ?? null : readBack
  if (earlier !== null) {
    const found = await tryReading(async () => await readBack?.(), null)
    if (found !== null && found !== undefined) return found
    if (found === undefined || !(await isUntouched())) throw stillUnknown()
  }
  const firstSentAt = performance.now()
  const first = await sendOnce(send({}), readBack, readRefused)
  if ('value' in first) return first.value
  const failed = failedHow(first.error)
  if (failed === null || !(await mayResend(failed))) throw verdict(first.error)
  const second = await sendOnce(send({ firstSentAt }), readBack, readBack)
  if ('value' in second) return second.value
  if (hasNotLeft(second.error)) throw verdict(first.error)
  // After a reset, a failure of the second send says nothing about the first send.
  throw failed === 'reset' && !isRefusal(second.error) ? verdict(first.error) : verdict(second.error)
}

/** Gives the error for an attempt after an earlier one of unknown outcome. `hint` tells the HTTP caller what to do. */
export function stillUnknown (hint = 'Read the object. If the change is not there, send it with a new key.'): AppError {
  return new AppError(
    'OUTCOME_UNKNOWN',
    'An earlier request with this Idempotency-Key was sent to Connect, and what Connect shows now does not tell ' +
    `whether it acted. ${hint}`
  )
}

/**
 * Gives the value of the send, or of the read after the send; the error of the send when no effect shows. Throws
 * OUTCOME_UNKNOWN when the read fails or cannot tell, and for an unknown outcome that no read can clear up. Throws also
 * an AppError that tells what the object shows, such as BILLING_CONFLICT.
 */
async function sendOnce<Value> (
  sending: Promise<Value>,
  readBack: ReadBack<Value> | null,
  readRefused: ReadBack<Value> | null
): Promise<{ value: Value } | { error: unknown }> {
  try {
    return { value: await sending }
  } catch (error) {
    const read = isDoubtful(error) ? readBack : readAfterRefusal(error, readBack, readRefused)
    if (read === null && !isDoubtful(error)) return { error }
    const found = await tryReading(async () => await read?.().catch((problem: unknown) => {
      if (isRefusedToo(error, problem)) return null
      throw problem
    }), error)
    if (found === undefined) throw unknown('the object does not show whether Connect acted', error)
    return found === null ? { error } : { value: found }
  }
}

/** Gives the read that follows a refusal. Null when the refusal stands, and for an error that is no refusal. */
function readAfterRefusal<Value> (
  error: unknown, readBack: ReadBack<Value> | null, readRefused: ReadBack<Value> | null
): ReadBack<Value> | null {
  if (!isRefusedWhole(error)) return null
  return readRefused ?? (error.status === 429 ? readBack : null)
}

/** Whether Connect refused write and read with the same status: 401 or 403 (not for this account), 404 (no object). */
function isRefusedToo (error: unknown, problem: unknown): boolean {
  return hasEnvelope(error) && hasEnvelope(problem) && problem.status === error.status &&
    [401, 403, 404].includes(error.status)
}

function failedHow (error: unknown): Failed | null {
  if (isAnsweredFailure(error)) return (error.retryAfterSeconds ?? 0) > 0 ? null : 'answered'
  return error instanceof ConnectError && error.kind === 'reset' && error.status === null && isDoubtful(error)
    ? 'reset'
    : null
}

/** A 5xx other than 504: a gateway that stopped waiting tells nothing of the server behind it. */
function isAnsweredFailure (error: unknown): error is ConnectResponseError {
  return error instanceof ConnectResponseError && error.status >= 500 && !hasGivenUp(error.status)
}

function hasNotLeft (error: unknown): boolean {
  return error instanceof ConnectError && (error.sent === 'no' || !error.bodyComplete)
}

/** The error that a caller gets for a send that ended with `error`, when the object shows nothing of the write. */
function verdict (error: unknown): unknown {
  if (!isDoubtful(error) || isAnsweredFailure(error) || error.status === 429) return error
  if (error.kind === 'bad-payload' && error.status !== null && error.status >= 300 && !hasGivenUp(error.status)) {
    return error
  }
  return unknown('the object shows no change so far', error)
}

/** Makes the result of a `ReadBack`. `isShown` is null when the object cannot tell. */
export function when<Value> (isShown: boolean | null, value: Value): Value | null | undefined {
  if (isShown === null) return undefined
  return isShown ? value : null
}

/** Throws OUTCOME_UNKNOWN for a failed read. `ended`: the error of the send; null if an earlier request sent. */
async function tryReading<Value> (readBack: () => Promise<Value>, ended: unknown): Promise<Value> {
  try {
    return await readBack()
  } catch (error) {
    // What the object shows may be an error, such as BILLING_CONFLICT. UPSTREAM_INVALID is a failed read like others.
    if (error instanceof AppError && error.code !== 'UPSTREAM_INVALID') throw error
    throw unknown('the object cannot be read', ended, error)
  }
}

function unknown (why: string, ended: unknown, cause = ended): AppError {
  const isRefused = isRefusedWhole(ended)
  const what = isRefused ? 'Connect refused the request' : 'Connect gave no usable answer'
  return new AppError('OUTCOME_UNKNOWN', `${what}, and ${why}. Read the object before you repeat the request.`, {
    ...(isRefused && {
      connect: { status: ended.status, errorCode: ended.errorCode, errors: [...ended.errors] }
    }),
    ...(ended instanceof ConnectResponseError && ended.retryAfterSeconds !== null && {
      retryAfterSeconds: ended.retryAfterSeconds
    }),
    cause
  })
}
