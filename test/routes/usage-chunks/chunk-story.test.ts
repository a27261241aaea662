import t from 'tap'
import { startBoth, until } from '../../helper.ts'
import { asProvider, asVendor } from '../../../sandbox/test/helper.ts'
import { accepted } from '../../../sandbox/test/stories.ts'
import { http } from '../http.ts'

t.test('a chunk of the sandbox is updated, regenerated and closed', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const fileId = await accepted(asVendor(sandbox), asProvider(sandbox))
  const chunks = (await provider('GET', `/v1/usage-chunks?fileId=${fileId}`, 'UsageChunk')).json['items'] as {
    id: string
  }[]
  const [east = '', west = ''] = chunks.map(({ id }) => `/v1/usage-chunks/${id}`).sort()
  const effectsOf = (path: string) => sandbox.store.effects.get(path.slice(path.lastIndexOf('/') + 1)) ?? {}

  await t.test('the external id of a chunk is set, also when the answer is lost', async (t) => {
    t.match(await provider('PATCH', east, 'UsageChunk', { externalId: 'BATCH-1' }), {
      status: 200,
      json: { externalId: 'BATCH-1' }
    })
    sandbox.faults.add({ match: { method: 'PUT', path: '/usage/chunks' }, when: 'after', fault: { type: 'reset' } })
    t.match(await provider('PATCH', east, 'UsageChunk', { externalId: 'BATCH-2' }), {
      status: 200,
      json: { externalId: 'BATCH-2' }
    })
    t.match(effectsOf(east), { updated: 2 })
  })

  await t.test('a changed record makes its chunk outdated, and regenerating updates the chunk', async (t) => {
    const [record] = (await provider('GET', `/v1/usage-records?fileId=${fileId}&hubId=HB-5603-6213`, 'UsageRecord'))
      .json['items'] as { id: string }[]
    t.match(await provider('PATCH', `/v1/usage-records/${record?.id}`, 'UsageRecord', { status: 'rejected' }), {
      status: 200,
      json: { status: 'rejected' }
    })
    t.match((await provider('GET', east, 'UsageChunk')).json, { outdated: true })
    const begun = await provider('POST', `${east}/regenerate`, 'UsageChunk')
    t.match(begun, { status: 202, json: { status: 'draft', files: { chunk: null } } })
    t.equal(begun.headers.get('retry-after'), '2')
    await until(async () => (await provider('GET', east, 'UsageChunk')).json['status'] === 'ready', 'the chunk')
    t.match((await provider('GET', east, 'UsageChunk')).json, { outdated: false })
    t.match(await provider('PATCH', `/v1/usage-records/${record?.id}`, 'UsageRecord', { status: 'approved' }), {
      status: 200,
      json: { status: 'approved' }
    })
  })

  await t.test('closing the chunk closes its records', async (t) => {
    const closed = await provider('POST', `${east}/close`, 'UsageChunk', {
      externalBillingId: 'INV-E',
      externalBillingNote: 'east'
    })
    t.match(closed, { status: 200, json: { status: 'closed', actions: ['update'], stats: { closed: 2, billed: 2 } } })
    const records = await provider('GET', `/v1/usage-records?fileId=${fileId}&status=closed`, 'UsageRecord')
    t.match(records.json, {
      total: 2,
      items: [{ externalBillingId: 'INV-E', externalBillingNote: 'east' }, { externalBillingId: 'INV-E' }]
    })
  })

  await t.test('a second close of the chunk is refused with an explanation', async (t) => {
    t.match(await provider('POST', `${east}/close`, '', { externalBillingId: 'INV-E' }), {
      status: 409,
      json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed', actions: ['update'], connect: { status: 400 } }
    })
    t.match(await provider('POST', `${east}/regenerate`, ''), {
      status: 409,
      json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed' }
    })
  })

  await t.test('a close whose answer is lost is a success, and happens once', async (t) => {
    sandbox.faults.add({ match: { method: 'POST', path: '/close$' }, when: 'after', fault: { type: 'reset' } })
    t.match(await provider('POST', `${west}/close`, 'UsageChunk', { externalBillingId: 'INV-W' }), {
      status: 200,
      json: { status: 'closed' }
    })
    t.match(effectsOf(west), { closed: 1 })
    t.equal(
      sandbox.ledger.entries.filter(entry => entry.method === 'POST' && entry.path.endsWith(`${west.slice(-25)}/close`))
        .length,
      1
    )
  })
})

t.test('a close is OUTCOME_UNKNOWN when Connect did not carry it out, or when no read can tell', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const fileId = await accepted(asVendor(sandbox), asProvider(sandbox))
  const [chunk] = (await provider('GET', `/v1/usage-chunks?fileId=${fileId}`, 'UsageChunk')).json['items'] as [
    { id: string }
  ]
  sandbox.faults.add({ match: { method: 'POST', path: '/close$' }, fault: { type: 'reset' } })
  t.match(await provider('POST', `/v1/usage-chunks/${chunk.id}/close`, '', { externalBillingId: 'INV-1' }), {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN' }
  })
  t.match((await provider('GET', `/v1/usage-chunks/${chunk.id}`, 'UsageChunk')).json, { status: 'ready' })
  sandbox.faults.add({ match: { method: 'POST', path: '/close$' }, when: 'after', fault: { type: 'reset' } })
  sandbox.faults.add({
    match: { method: 'GET', path: '/usage/chunks/' },
    nth: 2,
    times: 0,
    fault: { type: 'status', code: 500 }
  })
  t.match(await provider('POST', `/v1/usage-chunks/${chunk.id}/close`, '', { externalBillingId: 'INV-1' }), {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN' }
  })
})
