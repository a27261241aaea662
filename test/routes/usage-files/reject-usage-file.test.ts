import t from 'tap'
import { makeApp } from '../../helper.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { testFileAction, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/reject',
  operation: 'reject',
  role: 'provider',
  body: { note: 'why' },
  from: 'pending',
  wrong: 'closed',
  done: connectFile('rejected', { rejection_note: 'why' }),
  status: 200,
  sends: [{ rejection_note: 'why' }]
}

t.test('rejectUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)

  await t.test('a reject without a reason is refused', async (t) => {
    const { connect, calls } = fakeConnect({})
    const { app } = await makeApp(t, { connect })
    const call = caller(t, app, 'provider', 'UsageFile')
    for (const body of [
      undefined,
      {},
      { note: '' },
      { note: '  ' },
      { note: null },
      { note: 'x'.repeat(201) },
      { note: 'x', more: 1 }
    ]) {
      t.match(
        await call('POST', `/v1/usage-files/${FILE_ID}/reject`, body),
        { status: 400, json: { code: 'VALIDATION_FAILED' } },
        JSON.stringify(body)?.slice(0, 30)
      )
    }
    t.same(calls, [])
  })
})
