import { readFileSync } from 'node:fs'
import t from 'tap'
import { CHUNK_WRITES } from '../../src/usage/writes/chunk-operations.ts'
import { FILE_WRITES } from '../../src/usage/writes/file-operations.ts'
import { SPECIAL_WRITES, type Policy } from '../../src/usage/writes/policy.ts'
import { DECIDE_RECORD } from '../../src/usage/writes/record-operations.ts'
import { RULE_WRITES } from '../../src/usage/writes/rule-operations.ts'

const POLICIES: readonly Policy[] = [
  ...FILE_WRITES, ...CHUNK_WRITES, DECIDE_RECORD, ...RULE_WRITES, ...SPECIAL_WRITES
]

/** A write without a read before the send has nothing to compare with, unless there is an Idempotency-Key. */
function resendOf ({ resend, readsFirst }: Policy): string {
  if (resend === 'nothing') return 'nothing'
  if (resend === 'a failure or a reset') return 'a failure, or with an `Idempotency-Key` a reset'
  return readsFirst ? 'a failure' : 'a failure, with an `Idempotency-Key`'
}

t.test('the table of writes in docs/reliability.md equals the policies in the code', async (t) => {
  const rows = POLICIES.map(policy =>
    `| \`${policy.operationId}\` | ${policy.toldBy} | ${policy.nextRequestSends} | ${resendOf(policy)} |`)
  const page = readFileSync('docs/reliability.md', 'utf8').split('\n')
  t.same(page.filter(line => /^\| `[a-z]+[A-Z]\w+` \|/.test(line)), rows)
})
