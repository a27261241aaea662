/**
 * Part of `npm run test:full`: the service is killed (SIGKILL) at each crash point of a submit, an upload and a create.
 */
import t from 'tap'
import { KILL_CASES, testKills } from '../crash/kills.ts'

const { closingRecord: _inTheShortRun, ...others } = KILL_CASES

for (const [name, one] of Object.entries(others)) {
  t.test(`killed anywhere: ${name}`, { timeout: 120_000 }, async (t) => { await testKills(t, one) })
}
