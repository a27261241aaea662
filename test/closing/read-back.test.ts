import t from 'tap'
import { ThrottleState } from '../../src/closing/throttle-state.ts'
import { ReadBack } from '../../src/closing/read-back.ts'
import { FakeConnect, idOf } from './fixture.ts'

/** Reads records of a file whose pages hold a hundred at most; gives where pages began, and what was read singly. */
async function readBack (batches: number[][], fileSize: number): Promise<{ offsets: number[], singles: string[] }> {
  const connect = new FakeConnect()
  const offsets: number[] = []
  const { steps } = connect
  const file = Array.from({ length: fileSize }, (_, n) => idOf(n))
  const reader = new ReadBack({
    ...steps,
    listFile: async (_fileId, offset) => {
      offsets.push(offset)
      return { items: file.slice(offset, offset + 100).map(id => connect.record(id)), total: fileSize }
    }
  }, new ThrottleState(500))
  for (const batch of batches) {
    const ids = batch.map(idOf)
    t.same([...(await reader.read(ids)).keys()].sort(), ids.sort(), 'each is found')
  }
  return { offsets, singles: connect.reads }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n)

t.test('pages that are shorter than the limit leave out no record', async (t) => {
  const { offsets, singles } = await readBack([range(0, 500)], 10_000)
  t.same(offsets, [0, 100, 200, 300, 400])
  t.same(singles, [idOf(0)], 'no more than the first is read singly')
})

t.test('the next search begins where the last one ended, and reads each page of the file at most once', async (t) => {
  const { offsets } = await readBack([range(300, 400), [...range(0, 90), ...range(390, 400)]], 500)
  t.same(offsets, [0, 100, 200, 300, 300, 400, 0])
})

t.test('no page is read twice for a record that is in none', async (t) => {
  const { offsets, singles } = await readBack([[...range(0, 60), 9999]], 300)
  t.same(offsets, [0, 100, 200])
  t.same(singles, [idOf(0), idOf(9999)])
})
