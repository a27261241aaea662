import { ConnectError, ConnectResponseError } from '../../connect/errors.ts'
import type { ConnectClient } from '../../connect/api.ts'
import { AppError, type AppErrorOptions } from '../../errors/app-error.ts'
import type { WriteContext } from '../context.ts'
import { isSameSnapshot, type Snapshot } from './snapshot.ts'
import { confirmSuccess } from './confirm-success.ts'
import { isRefusal, sendAndReadBack, when, type Failed } from './send-and-read-back.ts'
import type { Policy } from './policy.ts'

export interface Run<Input, Found> {
  readonly connect: ConnectClient
  readonly input: Input
  readonly context: WriteContext
  /** The object as this request read it before the send; null when this request did not read it. */
  readonly object: Found | null
  /** The snapshot from before the first attempt at this write, which may be an earlier request; null without one. */
  readonly before: Snapshot | null
}

/** Why an object does not allow a write: the text of the problem, and the other members of that problem. */
export interface Obstacle { readonly detail: string, readonly extra: Readonly<Record<string, unknown>> }

/** A write that changes one object. The fields of `Policy` say when the write is sent again. */
export interface SimpleWrite<Input, Found, Shown> extends Policy {
  readonly read: (run: Run<Input, Found>) => Promise<Found>
  /** Sends the write. `context` is that of the run; for a second send it has `firstSentAt`, too. */
  readonly send: (run: Run<Input, Found>, context: WriteContext) => Promise<Found | null>
  readonly snapshot: (object: Found) => Snapshot
  /** Whether the object shows the effect; null when the object cannot tell. */
  readonly shows: (now: Found, run: Run<Input, Found>) => boolean | null | Promise<boolean | null>
  /**
   * True: `shows` may see the effect of another request. So a refusal of the first send stands, whatever the object
   * shows. Exceptions: a 429, and a request after an earlier attempt.
   */
  readonly showsOthers?: true
  /** Whether the object denies the success. `isRead`: `showAfter` has read it; false: `sendWrite` gave it. */
  readonly denies: (found: Found, run: Run<Input, Found>, isRead: boolean) => boolean | Promise<boolean>
  /** What in the object forbids the write; null when nothing does. Explains a refusal, may prevent a second send. */
  readonly obstacle: (now: Found, run: Run<Input, Found>) => Obstacle | null
  /** Whether `answer`, which `sendWrite` gave, has everything that a caller is shown. If not, the object is read. */
  readonly isWhole: (answer: Found, run: Run<Input, Found>) => boolean
  readonly show: (found: Found, run: Run<Input, Found>) => Shown
  /** For a success whose object cannot be read. Throws OUTCOME_UNKNOWN if `answer` lacks a change that must show. */
  readonly showUnread: (answer: Found | null, run: Run<Input, Found>) => Shown
}

/** Gives the object after the write. Throws errors of calls to Connect, and others such as ACTION_NOT_ALLOWED. */
export async function executeWrite<Input, Found extends { readonly status?: unknown }, Shown> (
  write: SimpleWrite<Input, Found, Shown>, connect: ConnectClient, input: Input, context: WriteContext
): Promise<Shown> {
  const run = await readBefore(write, connect, input, context)
  return await showAfter(write, run, await sendWrite(write, run))
}

/**
 * Phase 1 of a write: makes the run. Reads the object if the write needs that, and for a first attempt that a later
 * one may follow: the later one compares with the snapshot.
 */
export async function readBefore<Input, Found extends { readonly status?: unknown }, Shown> (
  write: Pick<SimpleWrite<Input, Found, Shown>, 'readsFirst' | 'read' | 'snapshot'>,
  connect: ConnectClient,
  input: Input,
  context: WriteContext
): Promise<Run<Input, Found>> {
  const { attempt } = context
  const { earlier, isKept } = attempt
  const run = { connect, input, context, object: null, before: null }
  const object = write.readsFirst || (isKept && earlier === null)
    ? context.noteBefore(await write.read(run))
    : null
  if (earlier !== null) return { ...run, object, before: earlier.before }
  if (object === null) return run
  const before = write.snapshot(object)
  attempt.note(before)
  return { ...run, object, before }
}

/**
 * Phase 2 of a write: sends it. Gives the answer of a success (null without a body), or else the object as it was read
 * back, if it shows the effect. Our tables of statuses never prevent a first send: Connect decides. They explain
 * why Connect refused (ACTION_NOT_ALLOWED), and may prevent a second send.
 */
export async function sendWrite<Input, Found, Shown> (
  write: SimpleWrite<Input, Found, Shown>, run: Run<Input, Found>
): Promise<Found | null> {
  let now: Found | null = null
  const isAsBefore = (): boolean => now !== null && isSameSnapshot(write.snapshot(now), run.before)
  const mayResend = async (failed: Failed): Promise<boolean> => {
    if (write.resend === 'nothing' || (write.resend === 'a failure' && failed !== 'answered')) return false
    if (write.resend === 'a failure' || run.before !== null) return isAsBefore()
    // No snapshot from before the first send is known here. A successful write takes the object out of the statuses
    // that allow it, and they do not come back at once. So after a failure that Connect answered, a status that still
    // allows the write proves that nothing was done. After a reset Connect may still act.
    return failed === 'answered' && now !== null && write.obstacle(now, run) === null
  }
  const readRefused = async (): Promise<{ found: Found } | null | undefined> => {
    now = await write.read(run)
    return isAsBefore() ? null : when(await showsSince(write, now, run), { found: now })
  }
  try {
    const { found } = await sendAndReadBack<{ found: Found | null }>(
      async again => ({ found: await write.send(run, { ...run.context, ...again }) }),
      async () => {
        now = await write.read(run)
        return when(await write.shows(now, run), { found: now })
      },
      {
        attempt: run.context.attempt,
        readRefused: run.object === null || write.showsOthers === true ? undefined : readRefused,
        isUntouched: () => write.nextRequestSends === 'when it is as before' && isAsBefore(),
        mayResend
      }
    )
    return found
  } catch (error) {
    if (isRefusal(error)) throw await explained(write, run, error, now)
    throw (await refusedAllAlong(write, run, error)) ?? error
  }
}

/** Phase 3 of a write: gives the object after a success. Throws OUTCOME_UNKNOWN if the object denies the success. */
export async function showAfter<Input, Found, Shown> (
  write: SimpleWrite<Input, Found, Shown>, run: Run<Input, Found>, answer: Found | null
): Promise<Shown> {
  const found = await confirmSuccess({
    whole: answer !== null && write.isWhole(answer, run) ? answer : null,
    // An answer without a body shows nothing. A write that must show its effect denies such a success.
    answer: answer ?? {} as Found,
    read: async () => await write.read(run),
    denies: async (found, isRead) => await write.denies(found, run, isRead)
  })
  return found === null ? write.showUnread(answer, run) : write.show(found, run)
}

/** Whether the object shows the effect and did not show it before the send; null when the object cannot tell. */
async function showsSince<Input, Found, Shown> (
  { shows }: SimpleWrite<Input, Found, Shown>, now: Found, run: Run<Input, Found>
): Promise<boolean | null> {
  const wasShown = run.object === null ? null : await shows(run.object, run)
  if (wasShown === true) return false
  const isShown = await shows(now, run)
  return wasShown === null && isShown === true ? null : isShown
}

/** Gives ACTION_NOT_ALLOWED if the object forbids the write, otherwise the refusal itself. */
async function explained<Input, Found, Shown> (
  { read, obstacle }: SimpleWrite<Input, Found, Shown>,
  run: Run<Input, Found>,
  error: ConnectResponseError,
  seen: Found | null
): Promise<Error> {
  const now = seen ?? await read(run).catch(() => null)
  const reason = now === null ? null : obstacle(now, run)
  if (reason === null) return error
  const connect = { status: error.status, errorCode: error.errorCode, errors: [...error.errors] }
  return notAllowed(reason, { connect, cause: error })
}

/**
 * Gives ACTION_NOT_ALLOWED when a lost answer must have been a refusal: the same status forbade the write before and
 * forbids it still. (A server that refuses an upload early often resets its connection.)
 */
async function refusedAllAlong<Input, Found, Shown> (
  { explainsLostRefusals, read, shows, obstacle }: SimpleWrite<Input, Found, Shown>,
  run: Run<Input, Found>,
  error: unknown
): Promise<Error | null> {
  const { object, context: { attempt } } = run
  if (!explainsLostRefusals || !isLost(error) || object === null || attempt.earlier !== null) return null
  const forbade = obstacle(object, run)
  const now = forbade === null ? null : await read(run).catch(() => null)
  const forbids = now === null ? null : obstacle(now, run)
  if (forbade === null || now === null || forbids === null || forbade.detail !== forbids.detail) return null
  return await shows(now, run) === true ? null : notAllowed(forbids, {})
}

function isLost (error: unknown): boolean {
  if (error instanceof AppError) {
    return error.code === 'OUTCOME_UNKNOWN' && !(error.cause instanceof ConnectResponseError)
  }
  return error instanceof ConnectError && error.kind === 'reset'
}

function notAllowed ({ detail, extra }: Obstacle, more: AppErrorOptions): AppError {
  return new AppError('ACTION_NOT_ALLOWED', detail, { ...more, extra })
}
