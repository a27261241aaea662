import t from 'tap'
import { ownIteration } from '../../src/limits/own-iteration.ts'
import { context, startClient, startUpstream, type Exchange } from '../connect/upstream.ts'

/** Counts the iterations of the event loop while `work` runs. */
async function withIterations<Value> (work: (iteration: () => number) => Promise<Value>): Promise<Value> {
  let iteration = 0
  let isOver = false
  const count = (): void => {
    iteration += 1
    if (!isOver) setImmediate(count)
  }
  count()
  return await work(() => iteration).finally(() => { isOver = true })
}

t.test('each wait ends in an iteration of its own', async (t) => {
  const seen = await withIterations(async iteration => await Promise.all(Array.from({ length: 5 }, async () => {
    await ownIteration()
    return iteration()
  })))
  t.equal(new Set(seen).size, 5, seen.join())
})

t.test('large lists that arrive together are read one an iteration', async (t) => {
  const held: Exchange[] = []
  const rows = Array.from({ length: 1000 }, (_, at) => ({ id: `UR-${at}`, note: 'x'.repeat(100) }))
  const upstream = await startUpstream(t, (exchange) => {
    if (held.push(exchange) < 6) return
    for (const one of held) one.json(200, rows, { 'content-range': 'items 0-999/1000' })
  })
  const { usageRecords } = startClient(t, upstream.baseUrl)
  const seen = await withIterations(async iteration => await Promise.all(Array.from({ length: 6 }, async () => {
    t.equal((await usageRecords.list({ limit: 1000 }, context())).items.length, 1000)
    return iteration()
  })))
  t.equal(new Set(seen).size, 6, seen.join())
})
