import t from 'tap'
import { createSingleFlight } from '../../src/limits/single-flight.ts'

class Private extends Error {}

const works = () => {
  const ends: { resolve: (value: string) => void, reject: (error: Error) => void }[] = []
  const work = async () => await new Promise<string>((resolve, reject) => { ends.push({ resolve, reject }) })
  return { ends, work }
}

t.test('requests that come while the work runs share its result', async (t) => {
  const { run } = createSingleFlight<string>(() => false)
  const { ends, work } = works()
  const all = ['a', 'a', 'b', 'a'].map(async key => await run(key, work))
  t.equal(ends.length, 2)
  ends[0]?.resolve('one')
  ends[1]?.resolve('two')
  t.same(await Promise.all(all), ['one', 'one', 'two', 'one'])
  const later = run('a', work)
  t.equal(ends.length, 3, 'finished work is not shared')
  ends[2]?.resolve('three')
  t.equal(await later, 'three')
})

t.test('requests share an error, unless the error concerns only the first request', async (t) => {
  const { run } = createSingleFlight<string>(error => error instanceof Private)
  const { ends, work } = works()
  const start = () => ['a', 'a', 'a'].map(async key => await run(key, work).catch((error: unknown) => error))
  const failed = start()
  const failure = new Error('for all')
  ends[0]?.reject(failure)
  t.same(await Promise.all(failed), [failure, failure, failure])
  const [first, ...others] = start()
  ends[1]?.reject(new Private())
  t.type(await first, Private)
  await new Promise(setImmediate)
  t.equal(ends.length, 3, 'the other requests run the work again, once')
  ends[2]?.resolve('done')
  t.same(await Promise.all(others), ['done', 'done'])
})
