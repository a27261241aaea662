import t from 'tap'
import { makeApp } from '../../helper.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { CASES, connectChunk, ID, run } from './chunk-actions-fixture.ts'

for (const action of CASES) {
  const { before, done, status, wrong } = action
  t.test(action.name, async (t) => {
    await t.test('the action is sent once, and the answer shows the chunk after it', async (t) => {
      for (const answer of [done, null, { id: ID, status: done.status ?? '' }]) {
        const { reply, sent } = await run(t, action, answer, action.name === 'update' ? [done] : [before, done])
        t.match(reply, { status, json: { id: ID, status: done.status, fileName: 'October' } })
        t.same(sent.map(call => call.args), [[ID, ...action.sends]])
        if (status === 202) t.equal(reply.headers['retry-after'], '2')
      }
    })

    await t.test('the action stays a success when the chunk cannot be read afterwards', async (t) => {
      if (action.name === 'update') {
        const shown = await run(t, action, { external_id: done.external_id ?? '' }, [timeout()])
        t.match(shown.reply, { status, json: { id: ID, status: null, externalId: done.external_id } })
        const { reply } = await run(t, action, null, [timeout()])
        t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, 'nothing shows the change')
        return
      }
      if (action.name === 'close') {
        const shown = await run(t, action, { status: 'closed' }, [before, timeout()])
        t.match(shown.reply, { status, json: { id: ID, status: 'closed' } })
        const { reply } = await run(t, action, null, [before, timeout()])
        t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, 'nothing shows the close')
        return
      }
      t.match((await run(t, action, null, [before, timeout()])).reply, {
        status,
        json: { id: ID, status: null, actions: [] }
      })
    })

    await t.test('a success that the chunk denies is OUTCOME_UNKNOWN', async (t) => {
      for (const answer of [null, {}, before]) {
        const { reply, sent } = await run(t, action, answer, [before])
        if (action.name === 'regenerate') t.match(reply, { status: 202 }, 'work that may begin later')
        else t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, JSON.stringify(answer))
        t.equal(sent.length, 1)
      }
    })

    await t.test('a refusal for another reason is passed on', async (t) => {
      t.match((await run(t, action, response(400, 'The moon is full.'), [before])).reply, {
        status: 400,
        json: { code: 'CONNECT_REJECTED', connect: { errors: ['The moon is full.'] } }
      })
      t.match((await run(t, action, response(409), [before])).reply, {
        status: 400,
        json: { code: 'CONNECT_REJECTED' }
      })
    })

    await t.test('a refusal is explained by the status that forbids the action', async (t) => {
      const { reply } = await run(t, action, response(400, 'Wrong state.'), [connectChunk(wrong ?? 'closed')])
      if (wrong === null) t.match(reply, { status: 400, json: { code: 'CONNECT_REJECTED' } })
      else {
        t.match(reply, {
          status: 409,
          json: {
            code: 'ACTION_NOT_ALLOWED',
            currentStatus: wrong,
            actions: Array,
            connect: { errors: ['Wrong state.'] }
          }
        })
      }
    })

    await t.test('a lost answer is a success when the action took effect', async (t) => {
      const reads = action.name === 'update' ? [done] : [before, done]
      for (const end of [timeout(), response(502)]) {
        const { reply, sent } = await run(t, action, end, [...reads])
        t.match(reply, { status, json: { status: done.status } })
        t.equal(sent.length, 1)
      }
    })

    await t.test('a lost answer is OUTCOME_UNKNOWN when the action may still take effect', async (t) => {
      const { reply, sent } = await run(t, action, timeout(), [before])
      t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
      t.equal(sent.length, 1)
      t.match((await run(t, action, response(500), [before])).reply, { status: 502, json: { code: 'UPSTREAM_FAILED' } })
    })

    await t.test('a wrong id is refused, and so is the other role', async (t) => {
      const { connect, calls } = fakeConnect({})
      const { app } = await makeApp(t, { connect })
      for (const id of ['UF-2026-11-4410-7719', 'UFC-x', 'UFC-1%2F..%2F2', 'ufc-2026-11-4410-7719-001']) {
        t.match(
          await caller(t, app, 'provider', '')(action.method, `/v1/usage-chunks/${id}${action.path}`, action.body),
          { status: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: 'path.chunkId' }] } }
        )
      }
      t.match(await caller(t, app, 'vendor', '')(action.method, `/v1/usage-chunks/${ID}${action.path}`), {
        status: 403,
        json: { code: 'SCOPE_MISSING' }
      })
      t.same(calls, [])
    })
  })
}
