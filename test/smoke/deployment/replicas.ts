/** The checks of what two replicas promise together, with one of them killed or replaced. */
import assert from 'node:assert/strict'
import { until } from '../../helper.ts'
import { isCalling, type Answer, type Deployment } from './calls.ts'

export async function closesOnceForFiftyCalls (deployment: Deployment): Promise<void> {
  const { ask, plan, noFaults, approvedRecords, closesOf, replicas: [a, b] } = deployment
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
}

export async function answersAfterKilledReplica (deployment: Deployment): Promise<void> {
  const { ask, plan, noFaults, approvedRecords, closesOf, replicas: [a] } = deployment
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
}

export async function servesWithOneReplica (deployment: Deployment): Promise<void> {
  const { ask, approvedRecords, accessLog, replicas: [a] } = deployment
  for (let i = 0; i < 10; i += 1) assert.equal((await ask('vendor', 'GET', '/v1/usage-files?limit=1')).status, 200)
  for (const id of await approvedRecords(3)) {
    assert.equal(
      (await ask('provider', 'POST', `/v1/usage-records/${id}/close`, { body: { externalBillingId: 'INV-4' } }))
        .status,
      200
    )
  }
  await a.startAgain()
  // nginx sends requests to the replica again only after a pause.
  await until(async () => {
    await ask('vendor', 'GET', '/v1/usage-files?limit=1')
    return accessLog().at(-1)?.['upstream'] === new URL(a.origin).host
  }, 'the load balancer to trust the replica again', 20_000)
}

export async function sendsDeleteOnce (deployment: Deployment): Promise<void> {
  const { ask, plan, noFaults, sent, replicas: [a, b] } = deployment
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
}

export async function replacesReplica ({ origin, keys, replicas: [, b] }: Deployment): Promise<void> {
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
}
