import t from 'tap'
import { PROVIDER_KEY, startBoth } from '../../helper.ts'
import { formOf, MIB, workbookOf } from '../../streaming/forms.ts'
import { startStage } from '../../streaming/stage.ts'
import { connectTo } from '../../streaming/wire.ts'
import { begin, RECONCILE, testStreaming } from './streaming.ts'

testStreaming(t, RECONCILE)

t.test('the file shows no trace of a reconciliation, so a doubtful end stays unknown', async (t) => {
  const stage = await startStage(t)
  stage.file['status'] = 'accepted'
  stage.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = await begin(stage, RECONCILE, formOf({ file: workbookOf(MIB) }))
  t.match(await client.answer(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  t.equal(stage.uploads().length, 1, 'sent once')
})

t.test('a status in which no reconciliation is possible is explained', async (t) => {
  const { port, sandbox } = await startBoth(t)
  const pending = [...sandbox.store.files.values()].find(({ status }) => status === 'pending')
  const client = await connectTo(t, port)
  const form = formOf({ file: workbookOf(MIB) })
  await client.sendHead({ path: `/v1/usage-files/${pending?.id ?? ''}/reconciliation`, key: PROVIDER_KEY, headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(form.length) } })
  await client.sendBody(form)
  t.match(await client.answer(), { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'pending' } })
})
