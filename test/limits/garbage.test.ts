import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks'
import t from 'tap'
import { collectEvery } from '../../src/limits/garbage.ts'

t.test('V8 collects garbage each time the amount is reached', async (t) => {
  const kinds: (number | undefined)[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { detail: { kind?: number } })[]) {
      kinds.push(entry.detail.kind)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  t.teardown(() => { observer.disconnect() })
  const collections = async (kind: number): Promise<number> => {
    await new Promise((resolve) => { setTimeout(resolve, 20) })
    return kinds.splice(0).filter(one => one === kind).length
  }
  const spent = collectEvery(10, 'all')
  await collections(constants.NODE_PERFORMANCE_GC_MAJOR)
  spent(6)
  t.equal(await collections(constants.NODE_PERFORMANCE_GC_MAJOR), 0, 'not yet')
  spent(6)
  t.equal(await collections(constants.NODE_PERFORMANCE_GC_MAJOR), 1, 'now')
  for (let n = 0; n < 20; n++) spent(1)
  t.equal(await collections(constants.NODE_PERFORMANCE_GC_MAJOR), 2, 'and again')
  // V8 does this by itself, too.
  collectEvery(1, 'young')(1)
  t.ok(await collections(constants.NODE_PERFORMANCE_GC_MINOR) > 0)
  t.notOk('gc' in globalThis)
})
