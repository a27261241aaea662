/**
 * How a write is confirmed, and when it is sent again. A test compares these fields, but for `explainsLostRefusals`,
 * with the table in docs/reliability.md.
 */
export interface Policy {
  readonly operationId: string
  /** What tells whether the write was done, where Connect's answer is lost. */
  readonly toldBy: string
  /** Whether the next request with the same Idempotency-Key sends the write, when nothing shows of it. */
  readonly nextRequestSends: 'yes' | 'when it is as before' | 'when none has come five minutes later' | 'no'
  /** After what the same request sends the write once more, when the object is as it was before. */
  readonly resend: 'nothing' | 'a failure' | 'a failure or a reset'
  /** Whether the object is read before the send, also without an Idempotency-Key. */
  readonly readsFirst: boolean
  /** Whether a lost answer is taken for a refusal when the status forbade the write before and forbids it still. */
  readonly explainsLostRefusals: boolean
}

/** The policy of writes that are not in the tables of simple writes: each has a file of its own. */
const special = (operationId: string, policy: Partial<Policy> & Pick<Policy, 'toldBy'>): Policy => ({
  operationId, nextRequestSends: 'no', resend: 'nothing', readsFirst: true, explainsLostRefusals: false, ...policy
})

export const SPECIAL_WRITES: readonly Policy[] = [
  special('closeUsageRecord', {
    toldBy: 'its status and billing id', nextRequestSends: 'yes', resend: 'a failure'
  }),
  special('createUsageFile', {
    toldBy: 'the file with its `externalId` that was not there before; without an `externalId` nothing tells',
    nextRequestSends: 'when none has come five minutes later'
  }),
  special('createUsageRule', {
    toldBy: 'the rule of the item that was not there before',
    nextRequestSends: 'when none has come five minutes later'
  }),
  special('createReconciliation', { toldBy: 'nothing: the answer says what to look for' })
]
