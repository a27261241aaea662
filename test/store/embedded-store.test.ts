import { once } from 'node:events'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { OWNER } from '../../src/store/embedded-owner.ts'
import { openEmbeddedStore } from '../../src/store/embedded-store.ts'
import { start, type Started } from '../smoke/processes.ts'
import { beginService } from '../faults/stop-service.ts'
import { makeFolder, until } from '../helper.ts'
import { claimed } from './fixture.ts'

function contend (t: Test, path: string, work: string): Started {
  const started = start('node', ['build/test/store/contender.js', `file:${path}`, work])
  t.teardown(() => { started.kill() })
  return started
}

t.test('one process holds the store, and others are told its owner and do not start', async (t) => {
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

t.test('one of four processes that start at once gets the store', async (t) => {
  const path = makeFolder(t)
  const all = [1, 2, 3, 4].map(() => contend(t, path, 'hold'))
  const ends = await Promise.all(
    all.map(
      async one =>
        await Promise.race([
          one.prints(/ready/).then(
            () => 'holds',
            () => 'refused'
          )
        ])
    )
  )
  t.same(ends.sort(), ['holds', 'refused', 'refused', 'refused'])
})

t.test('after kill -9 a marked key is kept and its claim is not', async (t) => {
  const path = makeFolder(t)
  const first = contend(t, path, 'mark')
  await first.prints(/ready/)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const store = await openEmbeddedStore(path)
  t.match(await store.begin('crash', 'other'), { kind: 'mismatch' })
  t.match(
    await store.begin('crash', 'fp'),
    { kind: 'claimed', earlier: { note: 'noted' } },
    'at once, without waiting for a lease'
  )
  await store.close()
})

t.test('a process whose store was taken over writes nothing', async (t) => {
  const path = makeFolder(t)
  const store = await openEmbeddedStore(path)
  const begun = claimed(await store.begin('k', 'fp'))
  const db = open({ path, noSubdir: false, encoding: 'json', useVersions: true, cache: false })
  await db.put(OWNER, { pid: 1, startedAt: '1', boot: 'another container' }, 4711)
  await t.rejects(store.mark(begun, { as: 'sent', fingerprint: 'fp' }), {
    name: 'StoreUnavailableError',
    message: /taken/
  })
  await t.rejects(store.begin('l', 'fp'), { name: 'StoreUnavailableError' })
  await t.rejects(store.health(), { name: 'StoreUnavailableError' })
  await store.close()
  t.ok(db.get(OWNER), 'the end of the old owner leaves the new one alone')
  await db.close()
})

t.test('values of another version are not changed', async (t) => {
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

t.test('a damaged database stops the start with a message', async (t) => {
  for (const bytes of [Buffer.from('x'), Buffer.alloc(20_000, 'x'), Buffer.alloc(8191)]) {
    const path = makeFolder(t)
    writeFileSync(join(path, 'data.mdb'), bytes)
    await t.rejects(openEmbeddedStore(path), { name: 'StoreStartError', message: /data\.mdb is damaged, or is no/ })
    t.same(readdirSync(path), ['data.mdb'], 'nothing is changed')
  }
  const path = makeFolder(t)
  const store = await openEmbeddedStore(path)
  await store.close()
  truncateSync(join(path, 'data.mdb'), 100)
  await t.rejects(openEmbeddedStore(path), { name: 'StoreStartError', message: /damaged/ }, 'a file that was cut off')
})

t.test('a database that was cut off does not end the process without a line', async (t) => {
  const whole = makeFolder(t)
  const store = await openEmbeddedStore(whole)
  for (let n = 0; n < 400; n += 1) {
    await store.complete(claimed(await store.begin(`k${n}`, 'fp')), 'fp', 'x'.repeat(n * 20))
  }
  await store.close()
  const bytes = readFileSync(join(whole, 'data.mdb'))
  const pages = bytes.length / 4096
  const refused: boolean[] = []
  for (const kept of [2, 3, pages / 8, pages / 2, pages - 8, pages - 1, pages]) {
    const path = makeFolder(t)
    writeFileSync(join(path, 'data.mdb'), bytes.subarray(0, Math.floor(kept) * 4096))
    const process = contend(t, path, 'hold')
    const isReady = await process.prints(/ready/).then(() => true, () => false)
    const isRefused = process.output().includes('data.mdb is damaged, because its end is missing')
    refused.push(isRefused)
    t.ok(isReady || isRefused || process.output().includes('data.mdb may lack its end'), `${kept} of ${pages} pages`)
    if (kept === pages) t.equal(process.output(), 'ready\n')
    process.kill()
  }
  t.same(refused.slice(0, 2), [true, true])
})

t.test('without room for its files the service does not start, and tells why and what to do', async (t) => {
  const home = makeFolder(t)
  // As on a full disk or past a quota, this is told to a write alone.
  for (const bytes of [0, 4_096, 12_288, 1_000_000]) {
    const path = join(home, String(bytes))
    const command = ['node', 'build/test/store/contender.js', `file:${path}`, 'hold']
    const limited = start('prlimit', [`--fsize=${bytes}`, ...command])
    t.teardown(() => { limited.kill() })
    t.equal(await limited.exits(), 1, `${bytes} bytes a file`)
    const why = `The state store at ${path} (STORE_URL) cannot be opened: EFBIG: file too large, write. `
    t.equal(limited.output(), `${why}It needs a local folder that this process may write to, with 4 MiB free.\n`)
    t.same(readdirSync(path), [], 'nothing stays behind')
  }
  writeFileSync(join(home, 'file'), '')
  const noFolder = openEmbeddedStore(join(home, 'file'))
  await t.rejects(noFolder, { name: 'StoreStartError', message: /cannot be opened: EEXIST/ })
  // The recursive mkdir of Node.js never ends here.
  for (const path of ['/proc/store', '/proc/store/of/usage']) {
    await t.rejects(openEmbeddedStore(path), { name: 'StoreStartError', message: /cannot be opened: ENOENT/ }, path)
  }
})

t.test('a service that does not start because of its store prints one line', async (t) => {
  const server = beginService(t, 'http://127.0.0.1:9/public/v1', 1_000, ['prlimit', '--fsize=100000'])
  t.equal(await server.exits(), 1)
  t.match(server.output(), /^The state store at \S+ \(STORE_URL\) cannot be opened: EFBIG: .*, with 4 MiB free\.\n$/)
})

t.test('expired values are removed from the disk', async (t) => {
  const path = join(makeFolder(t), 'made', 'on the way')
  let now = Date.now()
  const store = await openEmbeddedStore(path, { now: () => now, sweepMs: 20 })
  await Promise.all(
    Array.from(
      { length: 1_200 },
      async (_, i) => await store.complete(claimed(await store.begin(`k${i}`, 'fp')), 'fp', 'answer')
    )
  )
  const db = open({ path, noSubdir: false, encoding: 'json', useVersions: true, cache: false })
  t.ok(db.getCount() > 2_400)
  now += 25 * 3_600_000
  await until(() => db.getCount() <= 1, 'the sweep')
  t.match(await store.begin('k1', 'other'), { kind: 'claimed' })
  await store.close()
  await db.close()
})
