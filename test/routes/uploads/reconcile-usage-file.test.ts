import t from 'tap'
import { formOf, MIB, workbookOf } from '../../streaming/forms.ts'
import { startStage } from '../../streaming/stage.ts'
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
