import type { FileAction, FileStatus, UsageFile } from '../../../schemas/usage-file.ts'
import { ConnectError, ConnectResponseError } from '../../connect/errors.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError, type AppErrorOptions } from '../../errors/app-error.ts'
import type { Role } from '../../credentials/callers.ts'
import { fileActions, isFileActionAllowed } from '../actions.ts'
import { isSameTrace, ONLY_ATTEMPT, type Attempt } from './attempt.ts'
import { confirmWrite } from './confirm-write.ts'
import { fileTrace } from './file-effects.ts'
import { isRefusal, settle, when, type Resend } from './outcome.ts'
import { detailOf, statusOf, toUsageFile } from '../mapping/usage-file.ts'

export interface FileActionPlan {
  id: string
  action: FileAction
  role: Role
  /** Sends the action; a second time only where that is harmless. */
  act: (again: Resend) => Promise<Connect.UsageFile | null>
  read: () => Promise<Connect.UsageFile>
  /**
   * The file before, where it was read: what a lost answer was can then be told from a status that forbade the action
   * all along.
   */
  before?: Connect.UsageFile
  /** Whether the file, read after a doubtful end, shows that the action took effect; null when it never does. */
  isDone: (file: Connect.UsageFile) => boolean | null | Promise<boolean>
  attempt?: Attempt
  /** Whether a file after a success shows that there was none; else by its status, where that must have changed. */
  isUndone?: (file: Connect.UsageFile, isRead: boolean) => boolean | Promise<boolean>
  /**
   * False where a file that looks as before proves nothing: then the action is not sent after an attempt of unknown
   * outcome.
   */
  isRepeatable?: boolean
}

/** Does something to a usage file and gives the file as it is afterwards. */
export async function performFileAction (plan: FileActionPlan): Promise<UsageFile> {
  return await showFile(plan, await sendFileAction(plan), {}, plan.isUndone ?? (file => isStillPossible(plan, file)))
}

/**
 * Sends an action; gives Connect's answer, or the file read back where the answer was lost. Connect always decides;
 * our table only explains a refusal.
 */
export async function sendFileAction (plan: FileActionPlan): Promise<Connect.UsageFile | null> {
  const { act, read, isDone, attempt = ONLY_ATTEMPT, isRepeatable = true } = plan
  const { earlier } = attempt
  const before = earlier !== null ? undefined : plan.before ?? (attempt.isKept ? await read() : undefined)
  if (before !== undefined) attempt.note(fileTrace(before))
  const trace = before === undefined ? earlier?.before ?? null : fileTrace(before)
  let seen: Connect.UsageFile | null = null
  const isAsBefore = (): boolean => seen !== null && isSameTrace(fileTrace(seen), trace)
  try {
    const { file } = await settle(
      async again => ({ file: await act(again) }),
      async () => {
        const file = await read()
        seen = file
        return when(await isDone(file), { file })
      },
      {
        attempt,
        isUntouched: () => isRepeatable && isAsBefore(),
        mayResend: (failed) => {
          if (!LEAVING.includes(plan.action)) {
            return OVERWRITING.includes(plan.action) && failed === 'answered' && isAsBefore()
          }
          // Without a key nobody looked before: a status that has been left does not come back, and one that was not is
          // proof enough.
          return trace === null ? failed === 'answered' && seen !== null && isStillPossible(plan, seen) : isAsBefore()
        }
      }
    )
    return file
  } catch (error) {
    if (isRefusal(error)) throw await explained(plan, error)
    throw (isLost(error) ? await forbiddenAllAlong(plan, before) : null) ?? error
  }
}

/**
 * The file after a write that succeeded. Where Connect's answer is not the detail it is read again; a failure of that
 * read does not undo the success, so what is `known` is shown instead. Throws OUTCOME_UNKNOWN for a file that
 * `isUndone`.
 */
export async function showFile (
  { id, role, read }: Pick<FileActionPlan, 'id' | 'role' | 'read'>,
  answer: Connect.UsageFile | null,
  known: Connect.UsageFile,
  isUndone: Required<FileActionPlan>['isUndone'] = () => false
): Promise<UsageFile> {
  const file = await confirmWrite({ whole: detailOf(id, answer), answer, read, isUndone })
  return file === null ? toUsageFile({ ...known, ...answer, id }, role, 'list') : toUsageFile(file, role, 'detail')
}

/**
 * Actions that take a file out of every status that allows them, at once: a second one is refused. The others leave it
 * there, or work later.
 */
const LEAVING: readonly FileAction[] = ['submit', 'delete', 'accept', 'reject', 'close']
/** Actions whose second has the same end as the first, where nobody else came between. */
const OVERWRITING: readonly FileAction[] = ['update', 'approve-all']

function isStillPossible ({ action, role }: FileActionPlan, file: Connect.UsageFile): boolean {
  return LEAVING.includes(action) && isFileActionAllowed(action, statusOf(file), role)
}

/**
 * Connect may have answered, but the answer did not arrive: a server that refuses an upload early often resets its
 * connection.
 */
function isLost (error: unknown): boolean {
  if (error instanceof AppError) {
    return error.code === 'OUTCOME_UNKNOWN' && !(error.cause instanceof ConnectResponseError)
  }
  return error instanceof ConnectError && error.kind === 'reset'
}

/** The status forbade the action before and forbids it still, and nothing happened: then Connect refused it. */
async function forbiddenAllAlong (
  { action, role, read, isDone }: FileActionPlan,
  before: Connect.UsageFile | undefined
): Promise<Error | null> {
  const file = before === undefined ? null : await read().catch(() => null)
  const status = file === null ? null : statusOf(file)
  if (
    before === undefined ||
    file === null ||
    status === null ||
    status !== statusOf(before) ||
    isFileActionAllowed(action, status, role) ||
    (await isDone(file))
  ) { return null }
  return notAllowed(action, status, role, {})
}

/** A refusal of what the status forbids says so, with what is possible instead; any other goes on as it came. */
async function explained ({ action, role, read }: FileActionPlan, error: ConnectResponseError): Promise<Error> {
  const file = await read().catch(() => null)
  const status = file === null ? null : statusOf(file)
  if (status === null || isFileActionAllowed(action, status, role)) return error
  const connect = { status: error.status, errorCode: error.errorCode, errors: [...error.errors] }
  return notAllowed(action, status, role, { connect, cause: error })
}

function notAllowed (action: FileAction, status: FileStatus, role: Role, more: AppErrorOptions): AppError {
  return new AppError('ACTION_NOT_ALLOWED', `The usage file is ${status}: ${action} is not possible now.`, {
    ...more,
    extra: { currentStatus: status, actions: fileActions(status, role) }
  })
}
