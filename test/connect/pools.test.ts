import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { DEFAULT_LIMITS } from '../../src/connect/client.ts'
import { context, failure, namedIn, startClient, startUpstream } from './upstream.ts'
import type { Exchange } from './upstream.ts'

const small = { connections: 2, headersMs: 5_000, bodyIdleMs: 5_000, isFresh: false }

t.test('a pool opens at most its number of sockets, and further calls wait', async (t) => {
  const held: Exchange[] = []
  const upstream = await startUpstream(t, (exchange) => { held.push(exchange) })
  const client = startClient(t, upstream.baseUrl, { limits: { jsonRead: small } })
  const order: number[] = []
  const calls = [0, 1, 2, 3, 4, 5].map(async (i) => {
    await client.usageFiles.get(`UF-${i}`, context())
    order.push(i)
  })
  while (held.length < 2) await turn()
  t.match(client.stats().jsonRead, { running: 2, pending: 4 })

  const one = await failure(client.usageFiles.get('UF-9', context()))
  t.match(one, { name: 'ConnectOverloadedError', kind: 'overloaded', sent: 'no' }, 'the queue is full')

  const writing = client.usageFiles.submit('UF-1', context())
  while (held.length < 3) await turn()
  t.equal(held[2]?.method, 'POST', 'writes have sockets of their own')
  held[2]?.json(200, {})
  await writing

  for (let answered = 0; answered < held.length || order.length < 6;) {
    const next = held[answered]
    if (next === undefined) {
      await turn()
      continue
    }
    if (next.method === 'GET') next.json(200, namedIn(next.path))
    answered += 1
    t.ok(client.stats().jsonRead.connected <= 2)
  }
  await Promise.all(calls)
  t.same(order, [0, 1, 2, 3, 4, 5], 'first come, first served')
  t.match(client.stats().jsonRead, { running: 0, pending: 0 })
})

t.test('the wait for a slot ends by its own limit, by the caller or by the deadline', async (t) => {
  const upstream = await startUpstream(t, () => {})
  const limits = { jsonRead: { ...small, connections: 1 }, queueWaitMs: 40 }
  const client = startClient(t, upstream.baseUrl, { limits })
  const away = new AbortController()
  const holder = failure(client.usageFiles.get('UF-1', context({ signal: away.signal })))
  while (upstream.exchanges.length === 0) await turn()
  t.match(await failure(client.usageFiles.get('UF-2', context())), { kind: 'overloaded' })

  const leaving = new AbortController()
  const left = failure(client.usageFiles.get('UF-3', context({ signal: leaving.signal })))
  while (client.stats().jsonRead.pending === 0) await turn()
  leaving.abort()
  t.match(await left, { kind: 'aborted', sent: 'no' })
  t.match(client.stats().jsonRead, { running: 1, pending: 0 })

  away.abort()
  await holder
  t.match(client.stats().jsonRead, { running: 0, pending: 0 })
  const impatient = startClient(t, upstream.baseUrl, { limits: { ...limits, queueWaitMs: 5_000 }, timeoutMs: 500 })
  const both = await Promise.all([1, 2].map((i) => failure(impatient.usageFiles.get(`UF-${i}`, context()))))
  t.match(both, [{ kind: 'timeout', phase: 'total', sent: 'maybe' }, { kind: 'timeout', phase: 'total', sent: 'no' }])
  t.equal(upstream.exchanges.filter((one) => /UF-[23]$/.test(one.path)).length, 0, 'nothing of theirs was sent')
})

t.test('a thousand calls that fail in every way leave no slot held', async (t) => {
  let isCalm = false
  const upstream = await startUpstream(t, ({ index, socket, json, raw }) => {
    if (isCalm) return json(200, { id: 'UF-1' })
    switch (index % 6) {
      case 0: return socket.resetAndDestroy()
      case 1: return json(503, '')
      case 2: return raw('nonsense\r\n\r\n')
      case 3: return json(200, '{')
      case 4: return undefined
      default: return json(200, { id: 'UF-1' })
    }
  })
  const client = startClient(t, upstream.baseUrl, { timeoutMs: 2_000, limits: { queueFactor: 100, queueWaitMs: 300 } })
  await Promise.allSettled(Array.from({ length: 1000 }, async (_, i) => {
    const away = new AbortController()
    if (i % 5 === 0) setImmediate(() => away.abort())
    const ctx = context({ signal: away.signal })
    return i % 2 === 0 ? client.usageFiles.get('UF-1', ctx) : client.usageFiles.submit('UF-1', ctx)
  }))
  const taken = (): number => client.stats().jsonRead.running + client.stats().jsonWrite.running
  // A place is given back when undici lets go of its connection attempt, a moment after the caller has been answered.
  while (taken() > 0) await turn()
  t.match(client.stats(), { jsonRead: { running: 0, pending: 0 }, jsonWrite: { running: 0, pending: 0 } })
  isCalm = true
  // As many as have a connection at the same time: on a busy machine others would wait too long for one.
  const after = Array.from({ length: 32 }, () => client.usageFiles.get('UF-1', context()))
  t.equal((await Promise.all(after)).length, 32, 'and the pool serves on')
  await client.close()
  await upstream.allClosed()
})

t.test('the pools have the documented limits', (t) => {
  const { jsonRead, jsonWrite, upload, download, storage } = DEFAULT_LIMITS
  const pools = [jsonRead, jsonWrite, upload, download, storage]
  t.same(pools.map((pool) => pool.connections), [32, 16, 8, 16, 16])
  t.same(pools.map((pool) => pool.isFresh), [false, true, true, false, false])
  t.match(DEFAULT_LIMITS, {
    connectMs: 5_000, keepAliveMs: 4_000, keepAliveMaxMs: 15_000, queueWaitMs: 2_000, queueFactor: 2, maxRetries: 2,
    uploadTotalMs: 900_000, uploadSilenceMs: 300_000, downloadTotalMs: 1_800_000, maxJsonBytes: 16_777_216
  })
  t.end()
})
