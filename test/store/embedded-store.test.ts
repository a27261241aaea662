import { once } from 'node:events'
import { join } from 'node:path'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { OWNER } from '../../src/store/embedded-owner.ts'
import { openEmbeddedStore } from '../../src/store/embedded-store.ts'
import { start, type Started } from '../smoke/processes.ts'
import { makeFolder, until } from '../helper.ts'
import type { StateStore } from '../../src/store/store.ts'
import { claimed } from './stage.ts'

function contend (t: Test, path: string, work: string): Started {
  const started = start('node', ['build/test/store/contender.js', `file:${path}`, work])
  t.teardown(() => { started.kill() })
  return started
}

t.test('one process holds it; others are told whose it is, and do not start', async (t) => {
  const path = makeFolder(t)
  const holder = contend(t, path, 'hold')
  await holder.prints(/ready/)
  const other = contend(t, path, 'hold')
  t.equal(await other.exits(), 1)
  t.match(other.output(), `in use by process ${holder.child.pid}`)
  await t.rejects(openEmbeddedStore(path), { name: 'StoreStartError' }, 'nor here')
  holder.child.kill('SIGKILL')
  await once(holder.child, 'exit')
  const next = await openEmbeddedStore(path)
  await next.close()
})

t.test('of four that start at once one gets it', async (t) => {
  const path = makeFolder(t)
  const all = [1, 2, 3, 4].map(() => contend(t, path, 'hold'))
  const ends = await Promise.all(all.map(async one => await Promise.race([one.prints(/ready/).then(() => 'holds', () => 'refused')])))
  t.same(ends.sort(), ['holds', 'refused', 'refused', 'refused'])
})

t.test('what was marked outlives kill -9, its claim does not', async (t) => {
  const path = makeFolder(t)
  const first = contend(t, path, 'mark')
  await first.prints(/ready/)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const store = await openEmbeddedStore(path)
  t.match(await store.begin('crash', 'other'), { kind: 'mismatch' })
  t.match(await store.begin('crash', 'fp'), { kind: 'claimed', earlier: { note: 'noted' } }, 'at once, without waiting for a lease')
  await store.close()
})

t.test('whose store was taken over writes no more', async (t) => {
  const path = makeFolder(t)
  const store = await openEmbeddedStore(path)
  const begun = claimed(await store.begin('k', 'fp'))
  const db = open({ path, noSubdir: false, encoding: 'json', useVersions: true, cache: false })
  await db.put(OWNER, { pid: 1, startedAt: '1', boot: 'another container' }, 4711)
  await t.rejects(store.mark(begun, { as: 'sent', fingerprint: 'fp' }), { name: 'StoreUnavailableError', message: /taken/ })
  await t.rejects(store.begin('l', 'fp'), { name: 'StoreUnavailableError' })
  await t.rejects(store.health(), { name: 'StoreUnavailableError' })
  await store.close()
  t.ok(db.get(OWNER), 'the end of the old owner leaves the new one alone')
  await db.close()
})

t.test('values of another version are not touched', async (t) => {
  const path = makeFolder(t)
  const store = await openEmbeddedStore(path)
  const begun = claimed(await store.begin('k', 'fp'))
  await store.complete(begun, 'fp', 'answer')
  const db = open({ path, noSubdir: false, encoding: 'json', useVersions: true, cache: false })
  const kept = db.get(begun.key) as object
  await db.put(begun.key, { ...kept, v: 2 }, 1)
  await t.rejects(store.begin('k', 'fp'), { name: 'StoreUnavailableError', message: /version 2/ })
  await store.close()
  await db.close()
})

t.test('what has expired leaves the disk', async (t) => {
  const path = join(makeFolder(t), 'made', 'on the way')
  let now = Date.now()
  const store = await openEmbeddedStore(path, { now: () => now, sweepMs: 20 })
  await Promise.all(Array.from({ length: 1_200 }, async (_, i) => await store.complete(claimed(await store.begin(`k${i}`, 'fp')), 'fp', 'answer')))
  const db = open({ path, noSubdir: false, encoding: 'json', useVersions: true, cache: false })
  t.ok(db.getCount() > 2_400)
  now += 25 * 3_600_000
  await until(() => db.getCount() <= 1, 'the sweep')
  t.match(await store.begin('k1', 'other'), { kind: 'claimed' })
  await store.close()
  await db.close()
})

t.test('a clock that is set makes no attempt older than it is', async (t) => {
  const path = makeFolder(t)
  const minutes = 60_000
  const wall = { at: Date.now() }
  const steady = { at: 5 * minutes }
  const open = async () => await openEmbeddedStore(path, { now: () => wall.at, monotonic: () => steady.at })
  const ageOf = async (store: StateStore): Promise<number | undefined> => {
    const begun = await store.begin('k', 'fp')
    await store.release(claimed(begun), true)
    return begun.kind === 'claimed' ? begun.earlier?.ageMs : undefined
  }
  const first = await open()
  const sent = claimed(await first.begin('k', 'fp'))
  await first.mark(sent, { as: 'sent', fingerprint: 'fp' })
  await first.release(sent, true)
  wall.at += 10 * minutes
  steady.at += minutes
  t.equal(await ageOf(first), minutes, 'the wall clock was set ten minutes ahead')
  wall.at -= 60 * minutes
  t.equal(await ageOf(first), minutes, 'and back')
  await first.close()

  steady.at = 7 * minutes
  wall.at += 70 * minutes
  const second = await open()
  t.equal(await ageOf(second), 0, 'a process that has just begun does not know better')
  steady.at += 2 * minutes
  wall.at += 2 * minutes
  t.equal(await ageOf(second), 2 * minutes)
  wall.at -= 60 * minutes
  t.equal(await ageOf(second), 0, 'the wall clock says that it lies ahead')
  await second.close()
})
