import { createServer, type AddressInfo } from 'node:net'
import t, { } from 'tap'
import { openStore } from '../../src/store/open-store.ts'
import type { StateStore } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { noRedis, startRedis } from './redis.ts'
import { claimed, silent } from './fixture.ts'
import { adminOf, recorder, refused, replica } from './redis-fixture.ts'

if (noRedis !== null) {
  t.comment(`redis ${noRedis}`)
  t.pass('the part without Redis')
} else {
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

    // Repeated writes and limits alone need these two, so that a trial write works without them.
    const rare = await as('~*', '+@all', '-pttl', '-incrby')
    t.match(rare.lines, [/"missingRights":\["incrby","pttl"\]/])
    for (let i = 0; i < 3; i++) await refused(t, rare.store.health(), 'health: a repeated write needs PTTL')
    t.equal(rare.lines.length, 1, 'said once')
    await admin.acl('SETUSER', 'few', '+pttl', '+incrby')
    await until(async () => await rare.store.health().then(() => true, () => false), 'the rights')

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

  t.test('a Redis that comes back as a cluster is named in the log, and is not used', async (t) => {
    const redis = await startRedis(t)
    const { log, lines } = recorder()
    const store = await replica(t, redis.url, log)
    await redis.kill('SIGKILL')
    await redis.start('--cluster-enabled', 'yes', '--appendonly', 'no')
    await until(() => lines.some(line => line.includes('cannot be used')), 'the log')
    t.match(lines.find(line => line.includes('cannot be used')), /Redis is in cluster mode/)
    await refused(t, store.health(), 'health')
    await redis.kill('SIGKILL')
    await redis.start()
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used')
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
