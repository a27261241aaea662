/**
 * How a write learns its outcome, and when this service sends the write again. A test compares most of these fields
 * with the table in docs/reliability.md.
 */
export interface Policy {
  readonly operationId: string
  /** What tells whether the write was done when Connect's answer is lost. A text for docs/reliability.md. */
  readonly toldBy: string
  /** When the next request with the same Idempotency-Key sends the write, if the object shows nothing of it. */
  readonly nextRequestSends: 'yes' | 'when it is as before' | 'when none has come five minutes later' | 'no'
  /**
   * When the same request sends the write a second time, if the object is as it was before the first send. `Failed` in
   * outcome.ts says what a failure and a reset are. If the object was not read before the first send, only the value
   * `a failure or a reset` allows a second send: after a failure, if the status still allows the write.
   */
  readonly resend: 'nothing' | 'a failure' | 'a failure or a reset'
  /** False: an attempt that no later one can follow (`isKept` false) does not read the object before the send. */
  readonly readsFirst: boolean
  /** Whether a lost answer counts as a refusal when the same status forbade the write before and forbids it still. */
  readonly explainsLostRefusals: boolean
}

/** Gives the policy of a write that is no SimpleWrite: each of these writes has a file of its own. */
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
