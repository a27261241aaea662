import t from 'tap'
import { connectFile } from '../call.ts'
import { testFileAction, testWithoutBody, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/submit',
  operation: 'submit',
  role: 'vendor',
  from: 'ready',
  wrong: 'draft',
  done: connectFile('pending'),
  status: 200,
  sends: []
}

t.test('submitUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
