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

t.test('submit usage file', async (t) => {
  await testFileAction(t, action)
  await testWithoutBody(t, action)
})
