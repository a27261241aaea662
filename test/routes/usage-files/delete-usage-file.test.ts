import t from 'tap'
import { connectFile } from '../call.ts'
import { testFileAction, testWithoutBody, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '',
  method: 'DELETE',
  operation: 'delete',
  role: 'vendor',
  from: 'draft',
  wrong: 'pending',
  done: connectFile('deleted'),
  status: 204,
  sends: []
}

t.test('deleteUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
