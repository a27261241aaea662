import t from 'tap'
import { makeApp } from '../../helper.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { testFileAction, type ActionCase } from '../file-action.ts'

const action: ActionCase = {
  path: '/accept',
  operation: 'accept',
  role: 'provider',
  body: { note: 'fine' },
  from: 'pending',
  wrong: 'closed',
  done: connectFile('accepted', { acceptance_note: 'fine' }),
  status: 200,
  sends: [{ acceptance_note: 'fine' }]
}

t.test('acceptUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)

  await t.test('the note is optional, and so is the body', async (t) => {
    const { connect, calls } = fakeConnect({ usageFiles: { accept: () => connectFile('accepted') } })
    const { app } = await makeApp(t, { connect })
    const call = caller(t, app, 'provider', 'UsageFile')
    t.equal((await call('POST', `/v1/usage-files/${FILE_ID}/accept`)).status, 200)
    t.equal((await call('POST', `/v1/usage-files/${FILE_ID}/accept`, {})).status, 200)
    t.equal((await call('POST', `/v1/usage-files/${FILE_ID}/accept`, { note: null })).status, 200)
    t.equal((await call('POST', `/v1/usage-files/${FILE_ID}/accept`, { note: '' })).status, 200)
    t.same(
      calls.map(one => one.args),
      [
        [FILE_ID, {}],
        [FILE_ID, {}],
        [FILE_ID, {}],
        [FILE_ID, { acceptance_note: '' }]
      ]
    )
  })

  await t.test('wrong bodies are refused', async (t) => {
    const { connect, calls } = fakeConnect({})
    const { app } = await makeApp(t, { connect })
    const call = caller(t, app, 'provider', 'UsageFile')
    for (const body of [{ note: 5 }, { note: 'x'.repeat(201) }, { notes: 'x' }, []]) {
      t.match(
        await call('POST', `/v1/usage-files/${FILE_ID}/accept`, body),
        { status: 400, json: { code: 'VALIDATION_FAILED' } },
        JSON.stringify(body).slice(0, 30)
      )
    }
    t.same(calls, [])
  })
})
