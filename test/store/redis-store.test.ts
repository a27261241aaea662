import { createServer, type AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openStore } from '../../src/store/open-store.ts'
import { openRedisStore } from '../../src/store/redis-store.ts'
import type { StateStore, StoreLog } from '../../src/store/store.ts'
import { start } from '../smoke/processes.ts'
import { until } from '../helper.ts'
import { noRedis, startRedis } from './redis.ts'
import { claimed, silent } from './stage.ts'

/** What a caller may have to wait for its 503, with some room for a busy machine. */
const SOON_MS = 500

async function replica (t: Test, url: string, log: StoreLog = silent): Promise<StateStore> {
  const store = await openRedisStore(url, log, { leaseMs: 2_000 })
  t.teardown(async () => { await store.close() })
  return store
}

/** Rejects as unavailable, and soon. */
async function refused (t: Test, work: unknown, what: string): Promise<void> {
  const from = performance.now()
  await t.rejects(Promise.resolve(work), { name: 'StoreUnavailableError' }, what)
  t.ok(performance.now() - from < SOON_MS, `${what}: soon`)
}

/** Begins when Redis answers again. A busy machine may need longer for a call than the store waits. */
async function beginAgain (store: StateStore, key: string, fingerprint: string): ReturnType<StateStore['begin']> {
  let begun: Awaited<ReturnType<StateStore['begin']>> | undefined
  await until(async () => {
    begun = await store.begin(key, fingerprint).catch(() => undefined)
    return begun?.kind === 'claimed'
  }, `${key} to be free`, 5_000)
  return begun!
}

function adminOf (t: Test, url: string): Redis {
  const admin = new Redis(url)
  t.teardown(() => { admin.disconnect() })
  return admin
}

function recorder (): { log: StoreLog, lines: string[] } {
  const lines: string[] = []
  const note = (facts: object, message: string): void => { lines.push(`${message} ${JSON.stringify(facts)}`) }
  return { log: { info: note, warn: note, error: note }, lines }
}

if (noRedis !== null) {
  t.comment(`redis ${noRedis}`)
  t.pass('the part without Redis')
} else {
  t.test('replicas share claims, answers and counts', async (t) => {
    const { url } = await startRedis(t)
    const [a, b] = [await replica(t, url), await replica(t, url)]
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => await (i % 2 === 0 ? a : b).begin('k', 'fp'))
    )
    const winners = all.flatMap(begun => begun.kind === 'claimed' ? [begun.claim] : [])
    t.equal(winners.length, 1)
    t.equal(await b.complete(winners[0]!, 'fp', 'answer'), true, 'whoever knows the claim may end it')
    t.match(await a.begin('k', 'fp'), { kind: 'done', answer: 'answer' })
    t.equal((await a.hit('h', 10_000)).count, 1)
    t.equal((await b.hit('h', 10_000)).count, 2)
  })

  t.test('one of four processes wins a claim', async (t) => {
    const { url } = await startRedis(t)
    const all = [1, 2, 3, 4].map(() => start('node', ['build/test/store/contender.js', url, 'race']))
    const wins = await Promise.all(all.map(async one => Number((await one.prints(/won (\d+)/))[1])))
    t.equal(wins.reduce((sum, n) => sum + n, 0), 1)
  })

  t.test('a killed Redis is noticed at once, and used again with its values when it is back', async (t) => {
    const redis = await startRedis(t)
    const { log, lines } = recorder()
    const store = await replica(t, redis.url, log)
    const kept = claimed(await store.begin('kept', 'fp'))
    t.equal(await store.complete(kept, 'fp', 'answer'), true)
    await redis.kill('SIGKILL')
    await refused(t, store.begin('k', 'fp'), 'begin')
    await refused(t, store.hit('k', 1_000), 'hit')
    await refused(t, store.health(), 'health')
    await redis.start()
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again')
    t.match(await store.begin('kept', 'fp'), { kind: 'done', answer: 'answer' })
    t.equal(lines.filter(line => line.includes('does not answer')).length, 1, 'one line for the outage')
    t.equal(lines.filter(line => line.includes('answers again')).length, 1)
  })

  t.test('a call to a frozen Redis ends in time, and its late effect is undone', async (t) => {
    const redis = await startRedis(t)
    const store = await replica(t, redis.url)
    const marked = claimed(await store.begin('marked', 'fp'))
    redis.child().kill('SIGSTOP')
    t.teardown(() => { redis.child().kill('SIGCONT') })
    await Promise.all([
      refused(t, store.begin('k', 'fp'), 'begin'),
      refused(t, store.mark(marked, { as: 'sent', fingerprint: 'fp' }), 'mark'),
      refused(t, store.hit('h', 1_000), 'hit')
    ])
    await store.release(marked, false)
    const from = performance.now()
    for (let i = 0; i < 50; i++) await Promise.allSettled([store.hit('h', 1_000)])
    t.ok(performance.now() - from < SOON_MS, 'nobody waits for what is known to be down')
    redis.child().kill('SIGCONT')
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again', 4_000)
    await beginAgain(store, 'k', 'fp')
    t.match(
      await beginAgain(store, 'marked', 'other'),
      { kind: 'claimed', earlier: null },
      'a mark that nobody heard of is taken back'
    )
  })

  t.test('a connection that is frozen for long is replaced, and the next one works', async (t) => {
    const redis = await startRedis(t)
    const store = await replica(t, redis.url)
    redis.child().kill('SIGSTOP')
    t.teardown(() => { redis.child().kill('SIGCONT') })
    const end = Date.now() + 4_000
    while (Date.now() < end) {
      await refused(t, store.begin('k', 'fp'), 'begin')
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    redis.child().kill('SIGCONT')
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again', 5_000)
    await beginAgain(store, 'k', 'fp')
  })

  t.test('a Redis that is not there at the start is used as soon as it comes', async (t) => {
    const redis = await startRedis(t)
    await redis.kill('SIGKILL')
    const store = await replica(t, redis.url)
    await refused(t, store.begin('k', 'fp'), 'begin')
    await redis.start()
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used')
    t.match(await store.begin('k', 'fp'), { kind: 'claimed' })
  })

  t.test('a full Redis is not ready until a write works again, also before the first write of a caller', async (t) => {
    const { url } = await startRedis(t, ['--maxmemory', '1'])
    const { log, lines } = recorder()
    const store = await replica(t, url, log)
    for (let i = 0; i < 3; i++) await refused(t, store.health(), 'health')
    await refused(t, store.begin('k', 'fp'), 'begin')
    t.match(lines, [/cannot be written.*OOM/], 'said once')
    const admin = adminOf(t, url)
    await admin.config('SET', 'maxmemory', '0')
    await until(async () => await store.health().then(() => true, () => false), 'a trial that works')
    t.match(lines, [/cannot be written/, /can be written again/])
    t.match(await store.begin('k', 'fp'), { kind: 'claimed' })
    await admin.config('SET', 'maxmemory', '1')
    await until(async () => await store.health().then(() => false, () => true), 'a trial of its own that does not')
  })

  t.test('missing rights of the Redis user are named at the start, and the store is not ready before', async (t) => {
    const { url } = await startRedis(t)
    const admin = adminOf(t, url)
    const as = async (...rules: string[]): Promise<{ store: StateStore, lines: string[] }> => {
      await admin.acl('SETUSER', 'few', 'reset', 'on', '>pw', ...rules)
      const { log, lines } = recorder()
      return { store: await replica(t, url.replace('redis://', 'redis://few:pw@'), log), lines }
    }
    const usual = await as('~*', '+@read', '+@write', '+@scripting', '+@connection')
    t.match(usual.lines, [/lacks rights.*"missingRights":\["time"\]/, /no right to INFO/, /cannot be written/])
    await refused(t, usual.store.begin('k', 'fp'), 'begin')
    t.match(await usual.store.hit('h', 1_000), { count: 1 }, 'hits work')
    await refused(t, usual.store.health(), 'health')
    await admin.acl('SETUSER', 'few', '+time')
    await until(async () => await usual.store.health().then(() => true, () => false), 'a trial that works')

    const few = await as('~*', '+@all', '-hdel', '-del', '-incrby')
    t.match(few.lines, [/"missingRights":\["del","hdel","incrby"\]/, /cannot be written/])
    await refused(t, few.store.health(), 'health: a write ends with HDEL')

    const others = await as('~somebody:*', '+@all')
    t.match(others.lines, [/"missingRights":\["keys"\]/, /cannot be written/])
    await refused(t, others.store.health(), 'health')
  })

  t.test('a user without INFO works, and no message says that Redis does not answer', async (t) => {
    const { url } = await startRedis(t)
    const admin = adminOf(t, url)
    await admin.acl('SETUSER', 'quiet', 'on', '>pw', '~connect-usage-bff:*', '+@all', '-info', '-config', '-acl')
    const { log, lines } = recorder()
    const store = await replica(t, url.replace('redis://', 'redis://quiet:pw@'), log)
    await store.health()
    t.match(await store.begin('k', 'fp'), { kind: 'claimed' })
    t.match(lines, [/no right to INFO: they are not checked/])
    t.equal(lines.length, 1)
  })

  t.test('a database that does not exist stops the start', async (t) => {
    const { url } = await startRedis(t, ['--databases', '4'])
    await t.rejects(openStore(`${url}/99`, silent), { name: 'StoreStartError', message: /database 99/ })
    const admin = adminOf(t, url)
    await admin.acl('SETUSER', 'zero', 'on', '>pw', '~*', '+@all', '-select')
    const asZero = url.replace('redis://', 'redis://zero:pw@')
    await t.rejects(openStore(`${asZero}/3`, silent), { name: 'StoreStartError', message: /let this user select/ })
    const store = await replica(t, `${url}/3`)
    await store.complete(claimed(await store.begin('k', 'fp')), 'fp', 'answer')
    t.equal(await admin.dbsize(), 0, 'nothing in another database')
    await (await replica(t, asZero)).health()
  })

  t.test('a read-only replica is reported, and is not ready until it is the primary', async (t) => {
    const [primary, second] = [await startRedis(t), await startRedis(t)]
    const admin = adminOf(t, second.url)
    await admin.call('REPLICAOF', '127.0.0.1', String(primary.port))
    const { log, lines } = recorder()
    const store = await replica(t, second.url, log)
    t.match(lines[0], /replica, which takes no writes/)
    await t.rejects(store.health(), { name: 'StoreUnavailableError' })
    await admin.call('REPLICAOF', 'NO', 'ONE')
    await until(async () => await store.health().then(() => true, () => false), 'the new primary')
  })

  t.test('a node of a cluster, which has a part of the keys, stops the start', async (t) => {
    const { url } = await startRedis(t, ['--cluster-enabled', 'yes'])
    await t.rejects(openStore(url, silent), { name: 'StoreStartError', message: /cluster mode/ })
  })

  t.test('a Redis Sentinel, which keeps no data, stops the start', async (t) => {
    const { url } = await startRedis(t, ['--sentinel'])
    await t.rejects(openStore(url, silent), { name: 'StoreStartError', message: /Redis Sentinel.*name the Redis/ })
  })

  t.test('a Redis that confirms writes before it keeps them is reported, where it may be asked', async (t) => {
    const warnings = async (...options: string[]): Promise<string> => {
      const { url } = await startRedis(t, options)
      const { log, lines } = recorder()
      await (await replica(t, url, log)).health()
      return lines.join('\n')
    }
    t.match(await warnings('--appendfsync', 'everysec'), /set appendfsync to always .*everysec/)
    t.equal(await warnings(), '')
    t.equal(await warnings('--appendfsync', 'everysec', '--rename-command', 'CONFIG', ''), '')
  })

  t.test('wrong settings of Redis are reported at the start, without its password', async (t) => {
    const { url } = await startRedis(t, [
      '--requirepass',
      'very-secret',
      '--maxmemory-policy',
      'allkeys-lru',
      '--appendonly',
      'no'
    ])
    const { log, lines } = recorder()
    await replica(t, url, log)
    t.match(lines.join('\n'), /noeviction/)
    t.match(lines.join('\n'), /appendonly/)
    t.notMatch(lines.join('\n'), /appendfsync/, 'nothing is appended')
    const wrong = recorder()
    const store = await replica(t, url.replace('very-secret', 'wrong-secret'), wrong.log)
    const error = await store.begin('k', 'fp').then(() => null, (reason: unknown) => reason as Error)
    t.equal(error?.name, 'StoreUnavailableError')
    t.notMatch([...lines, ...wrong.lines, String(error), String(error?.cause)].join('\n'), /secret/)
  })
}

t.test('an old Redis stops the start', async (t) => {
  const info = '# Server\r\nredis_version:6.0.16\r\n'
  const server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      // One answer for each command of the pipeline.
      for (const command of chunk.toString().toLowerCase().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        socket.write(command[1] === 'info' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n')
      }
    })
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await new Promise(resolve => server.once('listening', resolve))
  await t.rejects(openStore(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, silent), {
    name: 'StoreStartError',
    message: /6\.0\.16 is older than 6\.2/
  })
})
