import t from 'tap'
import { connectFile } from '../call.ts'
import { testFileAction, testWithoutBody, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/reprocess',
  operation: 'reprocess',
  role: 'provider',
  from: 'accepted',
  wrong: 'pending',
  done: connectFile('accepted', { sub_status: 'processing' }),
  status: 202,
  sends: []
}

t.test('reprocessUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
