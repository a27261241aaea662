import t from 'tap'
import { connectFile } from '../call.ts'
import { testFileAction, testWithoutBody, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/approve-all',
  operation: 'approveAll',
  role: 'provider',
  from: 'accepted',
  wrong: 'closed',
  done: connectFile('accepted', { records: { valid: 9, invalid: 0, closed: 0 } }),
  status: 200,
  sends: []
}

t.test('approveAllUsageRecords keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
