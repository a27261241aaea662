import t from 'tap'
import { findDisagreements } from './agreement.ts'

t.test('the check and the sandbox agree on 100 tables', async (t) => {
  const found = await findDisagreements(100, 16)
  t.same(found.slice(0, 5), [], `${found.length} disagreements`)
})
