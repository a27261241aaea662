import t from 'tap'
import { connectFile } from '../call.ts'
import { testFileAction, testWithoutBody, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/close',
  operation: 'close',
  role: 'provider',
  from: 'accepted',
  wrong: 'pending',
  done: connectFile('closed'),
  status: 200,
  sends: []
}

t.test('closeUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
