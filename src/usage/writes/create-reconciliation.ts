import { RECONCILIATION_STATUSES, type Reconciliation } from '../../../schemas/reconciliation.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError } from '../../errors/app-error.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { confirmSuccess } from './confirm-success.ts'
import { isOtherId, isOtherKind, isOtherText } from './compare.ts'
import { fieldsOf, identifier, oneOf } from '../mapping/normalize.ts'
import { sendAndReadBack, stillUnknown } from './send-and-read-back.ts'
import { toReconciliation } from '../mapping/reconciliation.ts'

export interface CreateReconciliationSteps {
  attempt?: IdempotentAttempt
  /** Sends the create to Connect. Called at most once: a second call would make a second reconciliation. */
  create: () => Promise<Connect.Reconciliation | null>
  read: (id: string) => Promise<Connect.Reconciliation>
  /** `note` is null without a note. `chunkId` is null when only the workbook names the chunk. */
  sent: { note: string | null, chunkId: string | null }
}

/**
 * Creates a reconciliation and gives it. Throws OUTCOME_UNKNOWN after an earlier attempt of unknown outcome, and if the
 * answer is lost, or names no reconciliation or another one. No list is read then, because it would not tell the
 * reconciliation from that of another upload: a partner may send all the chunks of a month at the same time, with the
 * same note.
 */
export async function createReconciliation ({
  attempt = ONLY_ATTEMPT,
  create,
  read,
  sent
}: CreateReconciliationSteps): Promise<Reconciliation> {
  const { earlier } = attempt
  if (earlier !== null) {
    throw stillUnknown(`Look for a reconciliation created at ${earlier.sentAt.toISOString()} or soon after.`)
  }
  const answer = await sendAndReadBack(create, null)
  const id = identifier(answer?.id)
  if (answer === null || id === null || isOther(answer, sent)) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect took the workbook but did not say as which reconciliation. ' +
      'Search for the reconciliation before you repeat the request.'
    )
  }
  const isWhole = oneOf(RECONCILIATION_STATUSES, answer.status) !== null && fieldsOf(answer.events) !== null
  const denies = (found: Connect.Reconciliation): boolean => isOther(found, sent)
  return toReconciliation(
    (await confirmSuccess({ whole: isWhole ? answer : null, read: async () => await read(id), denies })) ?? answer
  )
}

/** Whether a reconciliation shows that it is not the one that was sent. A field that is not shown proves nothing. */
function isOther (
  { id, notes, partusagefile }: Connect.Reconciliation, { note, chunkId }: CreateReconciliationSteps['sent']
): boolean {
  return isOtherKind(id, 'RCF-') || isOtherText(fieldsOf(notes)?.['uploaded'], note) ||
    isOtherId(fieldsOf(partusagefile)?.['id'], chunkId)
}
