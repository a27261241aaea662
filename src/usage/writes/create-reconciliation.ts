import { RECONCILIATION_STATUSES, type Reconciliation } from '../../../schemas/reconciliation.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError } from '../../errors/app-error.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { confirm } from './confirm.ts'
import { isOtherText } from './compare.ts'
import { fieldsOf, identifier, oneOf } from '../mapping/normalize.ts'
import { sendAndReadBack, stillUnknown } from './outcome.ts'
import { toReconciliation } from '../mapping/reconciliation.ts'

export interface CreateReconciliationSteps {
  attempt?: IdempotentAttempt
  /** Called once, whatever happens: a second call would make a second reconciliation. */
  create: () => Promise<Connect.Reconciliation | null>
  read: (id: string) => Promise<Connect.Reconciliation>
  /** The note that was sent with the workbook; null without one. */
  note: string | null
}

/**
 * Creates a reconciliation. One whose answer was lost is not looked for: nothing in the list would tell it from that of
 * another upload at the same time, and a partner may well send all the chunks of a month at once with the same note.
 */
export async function createReconciliation ({
  attempt = ONLY_ATTEMPT,
  create,
  read,
  note
}: CreateReconciliationSteps): Promise<Reconciliation> {
  const { earlier } = attempt
  if (earlier !== null) {
    throw stillUnknown(`Look for a reconciliation created at ${earlier.sentAt.toISOString()} or soon after.`)
  }
  const answer = await sendAndReadBack(create, null)
  const id = identifier(answer?.id)
  if (answer === null || id === null || isOtherNote(answer, note)) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect took the workbook but did not say as which reconciliation. ' +
      'Search for the reconciliation before you repeat the request.'
    )
  }
  const isWhole = oneOf(RECONCILIATION_STATUSES, answer.status) !== null && fieldsOf(answer.events) !== null
  const isUndone = (found: Connect.Reconciliation): boolean => isOtherNote(found, note)
  return toReconciliation(
    (await confirm({ whole: isWhole ? answer : null, read: async () => await read(id), isUndone })) ?? answer
  )
}

function isOtherNote (found: Connect.Reconciliation, note: string | null): boolean {
  return isOtherText(fieldsOf(found.notes)?.['uploaded'], note)
}
