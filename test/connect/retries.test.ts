import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { CallContext, ConnectClient } from '../../src/connect/client.ts'
import { RetryBudget } from '../../src/connect/http/retry.ts'
import { context, CREDENTIAL, failure, namedIn, startClient, startUpstream } from './upstream.ts'
import type { Exchange } from './upstream.ts'

type Script = (exchange: Exchange) => unknown

const good: Script = ({ json, path }) => json(200, namedIn(path))
const unavailable: Script = ({ json }) => json(503, '')
const reset: Script = ({ socket }) => socket.resetAndDestroy()

function inTurn (scripts: readonly Script[]): Script {
  return (exchange) => scripts[Math.min(exchange.index, scripts.length - 1)]?.(exchange)
}

async function * body (): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc')
}

t.test('a read is tried at most three times, and the caller gets the attempt that succeeds', async (t) => {
  for (const [scripts, attempts] of [
    [[unavailable, good], 2], [[reset, unavailable, good], 3], [[unavailable, unavailable, unavailable, good], 3]
  ] as const) {
    const upstream = await startUpstream(t, inTurn(scripts))
    const ctx = context()
    const call = startClient(t, upstream.baseUrl).usageFiles.get('UF-1', ctx)
    if (scripts.length <= 3) t.match(await call, { id: 'UF-1' })
    else t.match(await failure(call), { kind: 'response', status: 503 })
    t.equal(upstream.exchanges.length, attempts)
    t.same(ctx.seen.map((one) => one.attempt), Array.from({ length: attempts }, (_, i) => i + 1))
  }
})

t.test('a write is never sent twice', async (t) => {
  const writes: readonly ((client: ConnectClient, ctx: CallContext) => Promise<unknown>)[] = [
    (c, x) => c.usageFiles.create({
      name: 'n', product: { id: 'P' }, contract: { id: 'C' }, period: { from: '2026-01-01', to: '2026-01-02' }
    }, x),
    (c, x) => c.usageFiles.update('UF-1', {}, x),
    (c, x) => c.usageFiles.approveAll('UF-1', x),
    (c, x) => c.usageRecords.update('UR-1', { status: 'approved' }, x),
    (c, x) => c.usageRecords.bulkClose([{ id: 'UR-1' }], x),
    (c, x) => c.rules.delete('PRD-1', 'UIR-1', x)
  ]
  const faults: readonly Script[] = [
    reset, unavailable, ({ json }) => json(502, ''), ({ json }) => json(429, '', { 'retry-after': '0' }),
    ({ socket }) => socket.end()
  ]
  for (const fault of faults) {
    const upstream = await startUpstream(t, fault)
    const client = startClient(t, upstream.baseUrl)
    for (const write of writes) {
      const before = upstream.exchanges.length
      const ctx = context()
      await failure(write(client, ctx))
      t.equal(upstream.exchanges.length, before + 1)
      t.equal(ctx.seen.length, 1)
    }
  }
})

t.test('a short wait that Connect asks for is waited for, and a long one ends the call', async (t) => {
  const asking = (status: number, after: string): Script => ({ json }) => json(status, '', { 'retry-after': after })
  const inTwoMinutes = new Date(Date.now() + 120_000).toUTCString()
  for (const [script, attempts, seconds] of [
    [asking(429, '1'), 2, 1], [asking(503, '1'), 2, 1], [asking(429, '0'), 2, 0], [asking(429, '3'), 1, 3],
    [asking(503, '3'), 1, 3], [asking(429, inTwoMinutes), 1, 120], [asking(429, 'soon'), 1, null],
    [asking(429, 'Thu, 01 Jan 1970 00:00:00 GMT'), 2, 0]
  ] as const) {
    const upstream = await startUpstream(t, inTurn([script, good]))
    const startedAt = performance.now()
    const call = startClient(t, upstream.baseUrl).usageFiles.get('UF-1', context())
    if (attempts === 2) {
      await call
      t.ok(performance.now() - startedAt >= (seconds ?? 0) * 1000 - 5, 'not a moment earlier')
    } else {
      const error = await failure(call)
      t.equal(error['status'] === 429 || error['status'] === 503, true)
      const told = error['retryAfterSeconds'] as number | null
      t.ok(seconds === null ? told === null : told !== null && Math.abs(told - seconds) <= 10)
    }
    t.equal(upstream.exchanges.length, attempts)
  }
})

t.test(
  'a second send of a write counts as such, has what is left of the time, and is not begun with less than went by',
  async t => {
    const upstream = await startUpstream(t, ({ method, json }) => {
      if (method === 'POST') json(200, {})
    })
    const client = startClient(t, upstream.baseUrl, { timeoutMs: 2_000 })
    const ctx = context({ firstSentAt: performance.now() })
    await client.usageFiles.submit('UF-1', ctx)
    t.match(ctx.seen, [{ operation: 'usageFiles.submit', attempt: 2, status: 200 }])
    const ended: string[] = []
    const now = performance.now()
    const whole = failure(client.usageFiles.update('UF-1', {}, context({ firstSentAt: now })))
      .finally(() => ended.push('whole'))
    const rest = failure(client.usageFiles.update('UF-1', {}, context({ firstSentAt: now - 500 })))
      .finally(() => ended.push('rest'))
    t.match(await rest, { kind: 'timeout', sent: 'maybe' })
    await whole
    t.same(ended, ['rest', 'whole'], 'not the whole time again')
    const late = context({ firstSentAt: performance.now() - 1_001 })
    t.match(await failure(client.usageFiles.submit('UF-1', late)), { kind: 'timeout', sent: 'no' })
    t.equal(upstream.exchanges.length, 3)
    t.same(late.seen, [])
  }
)

t.test('after a 429 no call of that account is sent before its time', async (t) => {
  const upstream = await startUpstream(t, inTurn([({ json }) => json(429, '', { 'retry-after': '120' }), good]))
  const client = startClient(t, upstream.baseUrl)
  await failure(client.usageFiles.get('UF-1', context()))
  const calls: readonly ((ctx: CallContext) => Promise<unknown>)[] = [
    (ctx) => client.usageFiles.get('UF-2', ctx),
    (ctx) => client.usageFiles.list({ limit: 1 }, ctx),
    (ctx) => client.usageRecords.get('UR-1', ctx),
    (ctx) => client.usageChunks.download('UFC-2', ctx),
    (ctx) => client.usageFiles.submit('UF-2', ctx),
    (ctx) => client.usageRecords.bulkClose([{ id: 'UR-1', external_billing_id: 'B' }], ctx),
    (ctx) => client.usageFiles.upload('UF-2', { stream: body(), length: 3, contentType: 'text/plain' }, ctx)
  ]
  for (const call of calls) {
    const ctx = context()
    const error = await failure(call(ctx))
    t.match(error, { kind: 'response', status: 429, sent: 'no', bodyComplete: false })
    t.ok(Number(error['retryAfterSeconds']) > 115 && Number(error['retryAfterSeconds']) <= 120)
    t.same(ctx.seen, [], 'no attempt was made')
  }
  t.equal(upstream.exchanges.length, 1)
  t.match(
    await client.usageFiles.get('UF-1', context({ credential: `${CREDENTIAL}-2` })),
    { id: 'UF-1' },
    'another account'
  )
  t.equal(upstream.exchanges.length, 2)
  const { jsonRead, jsonWrite, upload } = client.stats()
  for (const pool of [jsonRead, jsonWrite, upload]) t.match(pool, { running: 0, pending: 0 })
})

t.test('a 429 to a write holds the account, too, but not the reads of its own request', async (t) => {
  const calls: readonly ((client: ConnectClient, ctx: CallContext) => Promise<unknown>)[] = [
    (client, ctx) => client.usageFiles.submit('UF-1', ctx),
    (client, ctx) => client.usageFiles.upload('UF-1', { stream: body(), length: 3, contentType: 'text/plain' }, ctx)
  ]
  for (const call of calls) {
    const upstream = await startUpstream(t, inTurn([({ json }) => json(429, '', { 'retry-after': '120' }), good]))
    const client = startClient(t, upstream.baseUrl)
    t.match(await failure(call(client, context({ requestId: 'request-1' }))), { status: 429, sent: 'yes' })
    for (const held of [
      client.usageFiles.get('UF-1', context({ requestId: 'request-2' })),
      client.usageFiles.submit('UF-1', context({ requestId: 'request-1' }))
    ]) t.match(await failure(held), { status: 429, sent: 'no' })
    t.match(await client.usageFiles.get('UF-1', context({ requestId: 'request-1' })), { id: 'UF-1' })
    t.equal(upstream.exchanges.length, 2)
  }
})

t.test('a write waits for a short pause that another call was told, and claims nothing before', async (t) => {
  const upstream = await startUpstream(t, inTurn([({ json }) => json(429, '', { 'retry-after': '1' }), good]))
  const client = startClient(t, upstream.baseUrl)
  const startedAt = performance.now()
  await failure(client.usageFiles.submit('UF-1', context()))
  let claimedAt = 0
  await client.usageFiles.submit('UF-1', context({ beforeSend: async () => { claimedAt = performance.now() } }))
  t.ok(claimedAt - startedAt >= 995, `${claimedAt - startedAt} ms`)
  t.equal(upstream.exchanges.length, 2)
})

t.test('a call waits for a short pause that another call was told', async (t) => {
  const upstream = await startUpstream(t, inTurn([({ json }) => json(429, '', { 'retry-after': '1' }), good]))
  const client = startClient(t, upstream.baseUrl)
  const startedAt = performance.now()
  const first = client.usageFiles.get('UF-1', context())
  while (upstream.exchanges.length === 0) await turn()
  for (let i = 0; i < 20; i += 1) await turn()
  await Promise.all([first, client.usageFiles.get('UF-1', context())])
  t.ok(performance.now() - startedAt >= 995)
  t.equal(upstream.exchanges.length, 3)
})

t.test('while Connect is down, few reads are tried again', async (t) => {
  const upstream = await startUpstream(t, unavailable)
  const client = startClient(t, upstream.baseUrl)
  const startedAt = performance.now()
  const reads = 200
  for (let i = 0; i < reads; i += 1) await failure(client.usageFiles.get('UF-1', context()))
  const retries = upstream.exchanges.length - reads
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(retries >= 10 && retries <= 10 + reads / 10 + seconds + 1, `${retries} retries in ${seconds} s`)
})

t.test('the retry budget holds ten, and gains a tenth for each call and one for each second', (t) => {
  let now = 0
  const budget = new RetryBudget(() => now)
  const takeAll = (): number => {
    let taken = 0
    while (budget.take()) taken += 1
    return taken
  }
  t.equal(takeAll(), 10)
  for (let i = 0; i < 9; i += 1) budget.addCall()
  t.equal(takeAll(), 0)
  budget.addCall()
  budget.addCall()
  t.equal(takeAll(), 1)
  now += 3_000
  t.equal(takeAll(), 3)
  now += 3_600_000
  for (let i = 0; i < 1000; i += 1) budget.addCall()
  t.equal(takeAll(), 10, 'and no more')
  t.end()
})

t.test('no retry begins when the call has no time left', async (t) => {
  const upstream = await startUpstream(t, unavailable)
  const limits = { retryPauseMinMs: 50_000, retryPauseMaxMs: 60_000 }
  const startedAt = performance.now()
  const client = startClient(t, upstream.baseUrl, { timeoutMs: 20_000, limits })
  t.match(await failure(client.usageFiles.get('UF-1', context())), { kind: 'response', status: 503 })
  t.ok(performance.now() - startedAt < 15_000, 'the time is not waited for')
  t.equal(upstream.exchanges.length, 1)
})

t.test('a caller that leaves during the pause ends the call at once', async (t) => {
  const away = new AbortController()
  const upstream = await startUpstream(t, unavailable)
  const limits = { retryPauseMinMs: 8_000, retryPauseMaxMs: 8_000 }
  const observe = (): void => { setImmediate(() => away.abort()) }
  const error = await failure(
    startClient(t, upstream.baseUrl, { limits }).usageFiles.get('UF-1', context({ signal: away.signal, observe }))
  )
  t.match(error, { kind: 'aborted' })
})
