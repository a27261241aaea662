/** The checks of what the replicas share in Redis. */
import assert from 'node:assert/strict'
import { until } from '../../helper.ts'
import { CALLS_PER_MINUTE } from '../arrangement.ts'
import type { Answer, Deployment } from './calls.ts'

export async function survivesFrozenRedis (deployment: Deployment): Promise<void> {
  const { ask, approvedRecords, closesOf, redis } = deployment
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
}

export async function countsOverBothReplicas ({ ask, replicas: [a, b] }: Deployment): Promise<void> {
  const leftAt = async (at: string): Promise<number> =>
    Number(
      /r=(\d+)/.exec(
        (await ask('vendor', 'GET', '/v1/usage-files?limit=1', { at })).headers.get('ratelimit') ?? ''
      )?.[1]
    )
  // After Redis was away, each replica counts by itself for some seconds. A minute of the limit may also end in
  // between.
  await until(async () => {
    const lefts: number[] = []
    for (let i = 0; i < 40; i += 1) lefts.push(await leftAt(i % 2 === 0 ? a.origin : b.origin))
    return lefts.every((left, i) => left < CALLS_PER_MINUTE && left === (lefts[0] ?? 0) - i)
  }, 'one count for both', 20_000)
}
