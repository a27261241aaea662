import t from 'tap'
import { makeApp } from '../../helper.ts'
import { timeout } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { CASES, connectChunk, ID, run } from './chunk-actions-fixture.ts'

t.test('null removes the external id', async (t) => {
  const update = { ...CASES[0]!, body: { externalId: null } }
  const cleared = connectChunk('ready')
  const { reply, sent } = await run(t, update, cleared, [])
  t.match(reply, { status: 200, json: { externalId: null } })
  t.same(sent.map(call => call.args), [[ID, { external_id: '' }]])
  t.match((await run(t, update, timeout(), [connectChunk('ready', { external_id: null })])).reply, {
    status: 200,
    json: { externalId: null }
  })
  t.match((await run(t, update, null, [connectChunk('ready', { external_id: 'B-1' })])).reply, {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN' }
  })
})

t.test('wrong bodies are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', '')
  for (const body of [
    undefined,
    {},
    { externalId: '' },
    { externalId: ' ' },
    { externalId: 5 },
    { externalId: 'x'.repeat(201) },
    { externalId: 'x', status: 'ready' }
  ]) {
    t.match(
      await call('PATCH', `/v1/usage-chunks/${ID}`, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)?.slice(0, 40)
    )
  }
  for (const body of [
    undefined,
    {},
    { externalBillingNote: 'n' },
    { externalBillingId: ' ' },
    { externalBillingId: 5 },
    { externalBillingId: 'x', note: 'y' }
  ]) {
    t.match(
      await call('POST', `/v1/usage-chunks/${ID}/close`, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)?.slice(0, 40)
    )
  }
  t.match(await call('POST', `/v1/usage-chunks/${ID}/regenerate`, { x: 1 }), {
    status: 400,
    json: { code: 'VALIDATION_FAILED' }
  })
  t.same(calls, [])
})
