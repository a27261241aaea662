import t from 'tap'
import { faster, taken } from '../../src/streaming/pace-of-callers.ts'

const pause = async (ms: number): Promise<void> => { await new Promise((resolve) => { setTimeout(resolve, ms) }) }

async function * body (count: number, bytes: number, everyMs: number): AsyncGenerator<Buffer, void, void> {
  for (let n = 0; n < count; n++) {
    await pause(everyMs)
    yield Buffer.alloc(bytes)
  }
}

t.test('a body that drips is given up', async (t) => {
  let received = 0
  const read = async (): Promise<void> => { for await (const { length } of faster(body(1000, 1, 10), 100)) received += length }
  await t.rejects(read(), { code: 'REQUEST_TIMEOUT' })
  t.ok(received >= 5 && received < 100, `${received} bytes`)
})

t.test('a slow body is not, nor a short one, nor one whose reader is slow', async (t) => {
  const all = async (source: AsyncIterable<Buffer>, readerMs = 0): Promise<number> => {
    let bytes = 0
    for await (const { length } of source) {
      bytes += length
      if (readerMs > 0) await pause(readerMs)
    }
    return bytes
  }
  t.equal(await all(faster(body(20, 1000, 10), 50)), 20_000)
  t.equal(await all(faster(body(3, 1, 10), 1000)), 3)
  t.equal(await all(faster(body(5, 1, 0), 200), 60), 5)
})

t.test('pieces that nobody takes are given up, and slow ones are waited for', async (t) => {
  let cuts = 0
  async function * pieces (): AsyncGenerator<number, void, void> {
    yield 1
    await pause(150)
    yield 2
  }
  const read = taken(pieces(), () => 60, () => { cuts += 1 })
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
