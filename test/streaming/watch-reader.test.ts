import t from 'tap'
import { watchReader } from '../../src/streaming/watch-reader.ts'

const pause = async (ms: number): Promise<void> => { await new Promise((resolve) => { setTimeout(resolve, ms) }) }

t.test('a reader that takes nothing is ended, and a slow reader is waited for', async (t) => {
  let cuts = 0
  async function * pieces (): AsyncGenerator<number, void, void> {
    yield 1
    await pause(150)
    yield 2
  }
  const read = watchReader(pieces(), () => 60, () => { cuts += 1 })
  t.equal((await read.next()).value, 1)
  t.equal((await read.next()).value, 2, 'the wait was ours')
  t.equal(cuts, 0)
  await pause(150)
  t.ok(cuts > 0)
  await read.return()
  const before = cuts
  await pause(100)
  t.equal(cuts, before, 'and no longer')
})
