import t from 'tap'
import { formOf, MIB, workbookOf } from '../../uploads/forms.ts'
import { startFixture } from '../../uploads/fixture.ts'
import { testCutStreams } from './cut-streams.ts'
import { begin, RECONCILE } from './streaming.ts'
import { testWholeStreams } from './whole-streams.ts'

testWholeStreams(t, RECONCILE)
testCutStreams(t, RECONCILE)

t.test('a reconciliation with an unclear end stays unknown, because the file does not show it', async (t) => {
  const fixture = await startFixture(t)
  fixture.file['status'] = 'accepted'
  for (const end of ['reset', 500, 502, 503, 504] as const) {
    const before = fixture.uploads().length
    fixture.onUpload(async (exchange) => {
      await exchange.body()
      if (end === 'reset') exchange.socket.resetAndDestroy()
      else exchange.json(end, { error_code: null, errors: ['Failed.'] })
    })
    const client = await begin(fixture, RECONCILE, formOf({ file: workbookOf(MIB) }))
    t.match(
      await client.answer(),
      { status: 504, json: { code: 'OUTCOME_UNKNOWN', detail: /does not show whether Connect acted/ } },
      String(end)
    )
    t.equal(fixture.uploads().length, before + 1, 'sent once')
  }
})

t.test('the answer links to the reconciliations of the file, which show a failure', async (t) => {
  const fixture = await startFixture(t)
  fixture.file['status'] = 'accepted'
  const client = await begin(fixture, RECONCILE, formOf({ file: workbookOf(1000) }))
  const { status, headers, json } = await client.answer()
  t.equal(status, 202)
  t.equal(headers['link'], `</v1/reconciliations?fileId=${String(json['id'])}>; rel="status"`)
})
