import t from 'tap'
import type { UsageFile } from '../../../src/connect/types.ts'
import { makeApp, startBoth, VENDOR_KEY } from '../../helper.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const url = `/v1/usage-files/${FILE_ID}`
const later = async () => await new Promise(setImmediate)

t.test('simultaneous changes of one file lose nothing', async (t) => {
  let file: UsageFile = connectFile('draft', { description: 'old', note: 'old' })
  const { connect, calls } = fakeConnect({
    usageFiles: {
      get: async () => {
        await later()
        return file
      },
      update: async (_id: string, header: object) => {
        await later()
        file = { ...file, ...header }
        return { ...header }
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageFile')
  const bodies = [{ description: 'new' }, { note: 'new' }, { externalId: 'e-2' }]
  const replies = await Promise.all(bodies.map(async body => await call('PATCH', url, body)))
  t.same(replies.map(({ status }) => status), [200, 200, 200])
  t.match(file, { description: 'new', note: 'new', external_id: 'e-2' })
  const turn = ['usageFiles.get', 'usageFiles.update', 'usageFiles.get']
  t.same(calls.map(({ operation }) => operation), [...turn, ...turn, ...turn], 'each looks right before it sends')
})

t.test('a change that fails does not stop the next one', async (t) => {
  let updates = 0
  const { connect } = fakeConnect({
    usageFiles: {
      get: async () => connectFile('draft', { note: updates > 1 ? 'b' : 'old' }),
      update: async () => {
        if (updates++ === 0) throw new Error('broken')
        return null
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageFile')
  const replies = await Promise.all(['a', 'b'].map(async note => await call('PATCH', url, { note })))
  t.same(replies.map(({ status }) => status), [500, 200])
})

t.test('too many simultaneous changes of one file are refused, and nothing of them is sent', async (t) => {
  const file = connectFile('draft', { note: 'n' })
  const update = async (): Promise<null> => {
    await later()
    return null
  }
  const { connect, calls } = fakeConnect({ usageFiles: { get: async () => file, update } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageFile')
  const replies = await Promise.all(Array.from({ length: 110 }, async () => await call('PATCH', url, { note: 'n' })))
  const refused = replies.filter(({ status }) => status !== 200)
  t.equal(refused.length, 9, 'one at work and a hundred that wait')
  t.match(refused[0], { status: 503, json: { code: 'OVERLOADED' }, headers: { 'retry-after': '1' } })
  t.equal(calls.filter(({ operation }) => operation === 'usageFiles.update').length, 101)
})

t.test('simultaneous changes over sockets lose nothing in the sandbox', async (t) => {
  const { app, origin } = await startBoth(t)
  const drafts = await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?status=draft')
  const [{ id }] = drafts.json['items'] as [{ id: string }]
  const patch = async (body: object) => await fetch(`${origin}/v1/usage-files/${id}`, {
    method: 'PATCH',
    headers: { 'x-api-key': VENDOR_KEY, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  for (let round = 0; round < 5; round += 1) {
    const [description, note] = [`d${round}`, `n${round}`]
    const replies = await Promise.all([patch({ description }), patch({ note })])
    t.same(replies.map(({ status }) => status), [200, 200])
    const file = await caller(t, app, 'vendor', 'UsageFile')('GET', `/v1/usage-files/${id}`)
    t.match(file.json, { description, note })
  }
})
