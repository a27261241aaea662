/** The checks of what callers see through the load balancer. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { until } from '../../helper.ts'
import type { Deployment } from './calls.ts'

const SAMPLE = 'sandbox/samples/usage.xlsx'

export async function closesFileThroughBalancer ({ ask }: Deployment): Promise<void> {
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
}

export async function servesFromBoth ({ ask, origin, accessLog }: Deployment): Promise<void> {
  for (let i = 0; i < 10; i += 1) assert.equal((await ask('vendor', 'GET', '/v1/usage-files?limit=1')).status, 200)
  await until(() => new Set(accessLog().map(line => line['upstream'])).size >= 2, 'both replicas in the access log')
  const document = await (await fetch(`${origin}/openapi.json`)).json() as { servers: { url: string }[] }
  assert.equal(document.servers[0]?.url, origin)
}

export async function hidesMetrics ({ origin, replicas: [a] }: Deployment): Promise<void> {
  assert.equal((await fetch(`${origin}/metrics`)).status, 404)
  assert.match(await (await fetch(`${a.origin}/metrics`)).text(), /^# HELP /m)
}

export async function showsOutcomesLive (deployment: Deployment): Promise<void> {
  const { plan, noFaults, approvedRecords, origin, keys } = deployment
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
}
