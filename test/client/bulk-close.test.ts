import { text } from 'node:stream/consumers'
import t from 'tap'
import { createUsageClient, type RecordOutcome } from '../../clients/typescript/src/index.ts'
import { PROVIDER_KEY, startUpstream } from '../helper.ts'
import { startFixture, type Fixture } from '../routes/bulk-closes/fixture.ts'
import { startProxy } from './proxy.ts'

const billed = (ids: readonly string[]) => ids.map(id => ({ id, externalBillingId: 'INV-1' }))

async function all (outcomes: AsyncIterable<RecordOutcome>): Promise<RecordOutcome[]> {
  const found: RecordOutcome[] = []
  for await (const outcome of outcomes) found.push(outcome)
  return found
}

/** How often Connect got each record to close. */
function sentToConnect ({ sandbox }: Fixture): number[] {
  const counts = new Map<string, number>()
  for (const { path, body } of sandbox.ledger.entries) {
    if (!path.endsWith('/close-records') || !Array.isArray(body)) continue
    for (const { id } of body as Array<{ id: string }>) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return [...counts.values()]
}

t.test('a bulk close that is cut in the middle goes on with the rest', async (t) => {
  const fixture = await startFixture(t, { env: { CLOSE_CONCURRENCY: '1' } })
  const { ids } = await fixture.approved(40)
  const proxy = await startProxy(t, fixture.origin)
  const provider = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: PROVIDER_KEY } })
  proxy.steps.push({ cutAfter: 10 }, 'drop', { cutAfter: 20 })
  const outcomes = await all(provider.closeRecords(billed(ids)))
  t.same(outcomes.map(({ index }) => index).sort((a, b) => a - b), ids.map((_, index) => index))
  t.ok(outcomes.every(({ id, index, outcome }) => outcome === 'closed' && ids[index] === id))
  t.ok(ids.every(id => fixture.sandbox.store.records.get(id)?.status === 'closed'))

  const sent = proxy.seen.map(({ body }) => body.toString().trim().split('\n').length)
  t.equal(sent[0], 40)
  t.same(sent.slice(1, 3), [30, 30], 'only records without an outcome are sent again')
  t.ok(sent[3]! < 30)
  const keys = proxy.seen.map(({ headers }) => headers['idempotency-key'])
  t.equal(keys[1], keys[2], 'the same request keeps its key')
  t.equal(new Set(keys).size, 3, 'another request gets another one')
  t.ok(sentToConnect(fixture).every(times => times <= 2))
})

t.test('outcomes that may pass are asked for again; refusals that stand are told', async (t) => {
  const ids = ['UR-1', 'UR-2', 'UR-3', 'UR-4']
  const answers = [
    ['closed', 'refused BILLING_CONFLICT', 'refused DRAINING', 'unknown OUTCOME_UNKNOWN'],
    ['unknown OUTCOME_UNKNOWN', 'closed'],
    ['unknown OUTCOME_UNKNOWN']
  ]
  const bodies: string[][] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    void text(request).then(body => {
      const asked = body.trim().split('\n').map(line => (JSON.parse(line) as { id: string }).id)
      const answer = answers[Math.min(bodies.push(asked), answers.length) - 1]!
      const lines = answer.map((outcome, index) => {
        const [word, code] = outcome.split(' ')
        const reason = code === undefined ? {} : { code, message: 'The reason.' }
        return JSON.stringify({ id: asked[index], index, outcome: word, ...reason })
      })
      response.end(`   ${[...lines, JSON.stringify({ summary: { requested: asked.length } })].join('\n')}\n`)
    })
  })
  const provider = createUsageClient({ baseUrl, credential: { key: PROVIDER_KEY }, retryMs: 1500 })
  const outcomes = await all(provider.closeRecords(billed(ids)))
  t.match(outcomes, [
    { id: 'UR-1', index: 0, outcome: 'closed' },
    { id: 'UR-2', index: 1, outcome: 'refused', code: 'BILLING_CONFLICT' },
    { id: 'UR-4', index: 3, outcome: 'closed' },
    { id: 'UR-3', index: 2, outcome: 'unknown', code: 'OUTCOME_UNKNOWN' }
  ])
  t.same(bodies.slice(0, 3), [ids, ['UR-3', 'UR-4'], ['UR-3']])
})

t.test('an outcome for a record that was not sent at its place is an error', async (t) => {
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.end('{"id":"UR-9","index":0,"outcome":"closed"}\n{"summary":{"requested":1}}\n')
  })
  const provider = createUsageClient({ baseUrl, credential: { key: PROVIDER_KEY } })
  await t.rejects(all(provider.closeRecords(billed(['UR-1']))), { code: 'ANSWER_INVALID' })
})

t.test('a request that cannot be sent is an error; nothing was closed', async (t) => {
  const fixture = await startFixture(t)
  const provider = createUsageClient({ baseUrl: fixture.origin, credential: { key: PROVIDER_KEY } })
  await t.rejects(all(provider.closeRecords([{ id: 'no id', externalBillingId: 'INV-1' }])), {
    code: 'VALIDATION_FAILED', errors: [{ path: 'line 1.id' }]
  })
  t.same(await all(provider.closeRecords([])), [])
})

t.test('the records of a file are closed in spite of a cut', async (t) => {
  const fixture = await startFixture(t, { env: { CLOSE_CONCURRENCY: '1' } })
  const { fileId, ids } = await fixture.approved(40)
  const proxy = await startProxy(t, fixture.origin)
  const provider = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: PROVIDER_KEY } })
  proxy.steps.push({ cutAfter: 10 })
  const outcomes = await all(provider.closeFileRecords(fileId, { externalBillingId: 'INV-1' }))
  t.ok(ids.every(id => fixture.sandbox.store.records.get(id)?.status === 'closed'))
  t.equal(new Set(outcomes.map(({ id }) => id)).size, outcomes.length, 'no record is told twice')
  t.same(outcomes.map(({ index }) => index), outcomes.map((_, index) => index))
  t.equal(new Set(proxy.seen.map(({ headers }) => headers['idempotency-key'])).size, 1)
  t.equal(proxy.seen.length, 2)
})
