/**
 * `npm run check:deployment`: the arrangement of `deploy/compose.yaml` as processes: what two replicas on one Redis
 * behind nginx promise together. Looks at what the sandbox's ledger says, never only at the answers. Needs
 * `redis-server` and `nginx`.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../helper.ts'
import { CALLS_PER_MINUTE, startArrangement, type Arrangement, type Replica } from './arrangement.ts'

const SAMPLE = 'sandbox/samples/usage.xlsx'
const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-deployment-'))
const { origin, replicas: [a, b], sandbox, redis, keys, accessLog, stop }: Arrangement = await startArrangement(folder)

interface Answer { status: number, headers: Headers, json: Record<string, any>, ms: number }
interface LedgerEntry { method: string, path: string, status: number | null }

async function ask (
  role: 'vendor' | 'provider',
  method: string,
  path: string,
  options: { body?: unknown; key?: string; at?: string } = {}
): Promise<Answer> {
  const startedAt = performance.now()
  const response = await fetch(`${options.at ?? origin}${path}`, {
    method,
    headers: {
      'x-api-key': keys[role],
      ...(options.key !== undefined && { 'idempotency-key': options.key }),
      ...(options.body !== undefined && !(options.body instanceof FormData) && { 'content-type': 'application/json' })
    },
    ...(options.body !== undefined && {
      body: options.body instanceof FormData ? options.body : JSON.stringify(options.body)
    })
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? {} : (JSON.parse(text) as Record<string, any>),
    ms: performance.now() - startedAt
  }
}

async function plan (rule: object): Promise<void> {
  assert.equal(
    (
      await fetch(`${sandbox}/__control/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rule)
      })
    ).status,
    201
  )
}

const noFaults = async (): Promise<void> => { await fetch(`${sandbox}/__control/faults`, { method: 'DELETE' }) }

async function sent (method: string, pattern: RegExp): Promise<LedgerEntry[]> {
  const entries = await (await fetch(`${sandbox}/__control/ledger`)).json() as LedgerEntry[]
  return entries.filter(entry => entry.method === method && pattern.test(entry.path))
}

async function approvedRecords (limit: number, offset = 0): Promise<string[]> {
  const { json } = await ask('provider', 'GET', `/v1/usage-records?status=approved&limit=${limit}&offset=${offset}`)
  return (json['items'] as { id: string }[]).map(({ id }) => id)
}

/** Whether a write of this replica waits for Connect. */
const isCalling = async ({ origin }: Replica): Promise<boolean> =>
  /^usage_bff_connect_pool\{pool="jsonWrite",state="running"\} 1$/m.test(
    await (await fetch(`${origin}/metrics`)).text()
  )

const closesOf = async (id: string): Promise<LedgerEntry[]> =>
  await sent('POST', new RegExp(`/usage/records/${id}/close/?$`))

const steps: Readonly<Record<string, () => Promise<void>>> = {
  'a file goes from draft to closed through the load balancer': async () => {
    const created = await ask('vendor', 'POST', '/v1/usage-files', {
      body: {
        name: 'Deployed',
        productId: 'PRD-276-377-545',
        contractId: 'CRD-10000-20000-30000',
        period: { from: '2026-10-01', to: '2026-10-31' }
      }
    })
    assert.equal(created.status, 201)
    const file = created.headers.get('location') ?? ''
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(readFileSync(SAMPLE))]), 'usage.xlsx')
    assert.equal((await ask('vendor', 'POST', `${file}/upload`, { body: form })).status, 202)
    await until(async () => (await ask('vendor', 'GET', file)).json['status'] === 'ready', 'the file to be ready')
    assert.equal((await ask('vendor', 'POST', `${file}/submit`)).status, 200)
    assert.equal((await ask('provider', 'POST', `${file}/accept`, { body: { note: 'fine' } })).status, 200)
    assert.equal((await ask('provider', 'POST', `${file}/close`)).json['status'], 'closed')
  },

  'both replicas serve, and the document\'s server is the load balancer': async () => {
    for (let i = 0; i < 10; i += 1) assert.equal((await ask('vendor', 'GET', '/v1/usage-files?limit=1')).status, 200)
    await until(() => new Set(accessLog().map(line => line['upstream'])).size >= 2, 'both replicas in the access log')
    const document = await (await fetch(`${origin}/openapi.json`)).json() as { servers: { url: string }[] }
    assert.equal(document.servers[0]?.url, origin)
  },

  'metrics are not for the callers': async () => {
    assert.equal((await fetch(`${origin}/metrics`)).status, 404)
    assert.match(await (await fetch(`${a.origin}/metrics`)).text(), /^# HELP /m)
  },

  '50 closes at once with one key over both replicas are one POST, and all later ones a replay': async () => {
    const [id = ''] = await approvedRecords(1)
    await plan({ match: { method: 'POST', path: `/usage/records/${id}/close` }, fault: { type: 'delay', ms: 300 } })
    const close = async (): Promise<Answer> =>
      await ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
        key: 'fifty',
        body: { externalBillingId: 'INV-1' }
      })
    const answers = await Promise.all(Array.from({ length: 50 }, close))
    await noFaults()
    assert.equal((await closesOf(id)).length, 1)
    for (const { status, json } of answers) {
      assert.ok(
        status === 200 || (status === 409 && json['code'] === 'IDEMPOTENCY_IN_FLIGHT'),
        `${status} ${JSON.stringify(json)}`
      )
    }
    for (const { origin: at } of [a, b]) {
      const again = await ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
        at,
        key: 'fifty',
        body: { externalBillingId: 'INV-1' }
      })
      assert.deepEqual(
        [again.status, again.headers.get('idempotency-replayed'), again.json['externalBillingId']],
        [200, 'true', 'INV-1']
      )
      const other = await ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
        at,
        key: 'fifty',
        body: { externalBillingId: 'INV-2' }
      })
      assert.deepEqual([other.status, other.json['code']], [422, 'IDEMPOTENCY_MISMATCH'])
    }
    assert.equal((await closesOf(id)).length, 1)
  },

  'a replica killed in the middle of a close: the other answers the same key, and there is one POST': async () => {
    const [id = ''] = await approvedRecords(1)
    await plan({
      match: { method: 'POST', path: `/usage/records/${id}/close` },
      when: 'after',
      fault: { type: 'hang' }
    })
    const cut = ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
      at: a.origin,
      key: 'killed',
      body: { externalBillingId: 'INV-3' }
    }).catch(() => null)
    await until(async () => (await closesOf(id)).length === 1, 'the close to reach Connect')
    a.current().child.kill('SIGKILL')
    await cut
    await a.current().exits()
    await noFaults()
    let answer: Answer | undefined
    await until(async () => {
      answer = await ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
        key: 'killed',
        body: { externalBillingId: 'INV-3' }
      })
      if (answer.json['code'] !== 'IDEMPOTENCY_IN_FLIGHT') return true
      await new Promise((resolve) => setTimeout(resolve, Number(answer?.headers.get('retry-after')) * 1000))
      return false
    }, 'the claim of the dead replica to end', 90_000)
    assert.deepEqual(
      [answer?.status, answer?.json['status'], answer?.json['externalBillingId']],
      [200, 'closed', 'INV-3']
    )
    assert.equal((await closesOf(id)).length, 1)
  },

  'with one replica dead every read and every close is answered by the other': async () => {
    for (let i = 0; i < 10; i += 1) assert.equal((await ask('vendor', 'GET', '/v1/usage-files?limit=1')).status, 200)
    for (const id of await approvedRecords(3)) {
      assert.equal(
        (await ask('provider', 'POST', `/v1/usage-records/${id}/close`, { body: { externalBillingId: 'INV-4' } }))
          .status,
        200
      )
    }
    await a.startAgain()
    // nginx asks it again only after a pause.
    await until(async () => {
      await ask('vendor', 'GET', '/v1/usage-files?limit=1')
      return accessLog().at(-1)?.['upstream'] === new URL(a.origin).host
    }, 'the load balancer to trust the replica again', 20_000)
  },

  'a DELETE whose replica dies is sent once, and the load balancer answers with a problem': async () => {
    const created = await ask('vendor', 'POST', '/v1/usage-files', {
      body: {
        name: 'To be deleted',
        productId: 'PRD-276-377-545',
        contractId: 'CRD-10000-20000-30000',
        period: { from: '2026-10-01', to: '2026-10-31' }
      }
    })
    const file = created.headers.get('location') ?? ''
    const deletes = async (): Promise<number> => (await sent('POST', /\/usage\/files\/[\w-]+\/delete\/?$/)).length
    const before = await deletes()
    await plan({ match: { method: 'POST', path: '/delete$' }, when: 'after', fault: { type: 'hang' } })
    const cut = ask('vendor', 'DELETE', file)
    await until(async () => await deletes() === before + 1, 'the deletion to reach Connect')
    const holder = await isCalling(a) ? a : b
    holder.current().child.kill('SIGKILL')
    const { status, json } = await cut
    assert.deepEqual([status, json['status'], json['code']], [502, 502, 'UPSTREAM_RESET'])
    await noFaults()
    assert.equal((await ask('vendor', 'GET', file)).json['status'], 'deleted')
    assert.equal(await deletes(), before + 1, 'the other replica was not asked')
    await holder.current().exits()
    await holder.startAgain()
  },

  'a replica is replaced under load without a failed request': async () => {
    let isOver = false
    const statuses: number[] = []
    const callers = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        statuses.push(
          (await fetch(`${origin}/v1/usage-files?limit=1`, { headers: { 'x-api-key': keys.vendor } })).status
        )
      }
    })
    b.current().child.kill('SIGTERM')
    assert.equal(await b.current().exits(), 0)
    await b.startAgain()
    const before = statuses.length
    await until(() => statuses.length > before + 40, 'more reads')
    isOver = true
    await Promise.all(callers)
    assert.deepEqual([...new Set(statuses)], [200])
  },

  'Redis frozen: reads go on, money waits for nobody, and all is well again by itself': async () => {
    const [id = ''] = await approvedRecords(1)
    const close = async (): Promise<Answer> =>
      await ask('provider', 'POST', `/v1/usage-records/${id}/close`, {
        key: 'frozen',
        body: { externalBillingId: 'INV-5' }
      })
    redis.child.kill('SIGSTOP')
    try {
      const refused = await close()
      assert.deepEqual([refused.status, refused.json['code']], [503, 'STORE_UNAVAILABLE'])
      assert.ok(refused.ms < 500, `after ${refused.ms} ms`)
      assert.ok(refused.headers.get('retry-after') !== null)
      assert.equal((await ask('provider', 'GET', `/v1/usage-records/${id}`)).status, 200)
      assert.equal((await closesOf(id)).length, 0)
    } finally {
      redis.child.kill('SIGCONT')
    }
    await until(async () => (await close()).status === 200, 'the store to be there again', 20_000)
    assert.equal((await closesOf(id)).length, 1)
  },

  'outcomes of a bulk close are seen live through the load balancer': async () => {
    const ids = (await Promise.all([0, 1000, 2000].map(async offset => await approvedRecords(1000, offset)))).flat()
    assert.ok(ids.length > 2000, 'more than the four batches that are sent at once')
    await plan({ match: { method: 'POST', path: '/usage/records' }, nth: 5, fault: { type: 'delay', ms: 1500 } })
    const response = await fetch(`${origin}/v1/usage-records/close`, {
      method: 'POST',
      headers: { 'x-api-key': keys.provider, 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
      body: ids.map(id => JSON.stringify({ id, externalBillingId: 'INV-6' })).join('\n')
    })
    let text = ''
    let firstAt: number | null = null
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      firstAt ??= performance.now()
      text += chunk
    }
    await noFaults()
    assert.ok(performance.now() - (firstAt ?? Infinity) > 700, 'the first outcomes came long before the last')
    assert.deepEqual(JSON.parse(text.trim().split('\n').at(-1) ?? ''), {
      summary: { requested: ids.length, closed: ids.length, refused: 0, unknown: 0 }
    })
  },

  'a caller\'s limit counts over both replicas': async () => {
    const leftAt = async (at: string): Promise<number> =>
      Number(
        /r=(\d+)/.exec(
          (await ask('vendor', 'GET', '/v1/usage-files?limit=1', { at })).headers.get('ratelimit') ?? ''
        )?.[1]
      )
    // After Redis was away each replica counts by itself for some seconds; and a window may end in between.
    await until(async () => {
      const lefts: number[] = []
      for (let i = 0; i < 40; i += 1) lefts.push(await leftAt(i % 2 === 0 ? a.origin : b.origin))
      return lefts.every((left, i) => left < CALLS_PER_MINUTE && left === (lefts[0] ?? 0) - i)
    }, 'one count for both', 20_000)
  }
}

let failed = 0
try {
  for (const [name, step] of Object.entries(steps)) {
    const startedAt = performance.now()
    try {
      await step()
      console.log(`ok: ${name} (${Math.round(performance.now() - startedAt)} ms)`)
    } catch (error) {
      failed += 1
      console.error(`NOT OK: ${name}\n${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    }
  }
} finally {
  await stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${Object.keys(steps).length - failed} of ${Object.keys(steps).length} hold`)
process.exitCode = failed === 0 ? 0 : 1
