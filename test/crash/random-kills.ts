import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { header } from '../../sandbox/test/stories.ts'
import { randomFrom } from '../uploads/wire.ts'
import { Caller } from './caller.ts'
import { travel, type Claim } from './journeys.ts'
import { startFixture, type CrashFixture, type Service } from './fixture.ts'

const CALLERS = 8

export interface KillPlan { seed: number, operations: number, kills: number, redisUrl?: string }

/** Kills the service again and again while callers work, and holds what they were told to what Connect has. */
export async function killAtRandom (t: Test, { seed, operations, kills, redisUrl }: KillPlan): Promise<void> {
  const fixture = await startFixture(t, redisUrl ?? null)
  const random = randomFrom(seed)
  const moments = Array.from({ length: kills }, (_, i) => Math.ceil((i + random()) * operations * 0.9 / kills) + 1)
  // Short leases: with a shared store the successor waits for them.
  const start = async (): Promise<Service> => await fixture.service({ leaseMs: 1_500 })
  let service = await start()
  let killed = 0
  let work = Promise.resolve()
  const killOnce = async (): Promise<void> => {
    await sleep(Math.floor(random() * 30))
    const gone = once(service.process.child, 'exit')
    service.process.child.kill('SIGKILL')
    await gone
    killed += 1
    service = await start()
  }
  const caller = new Caller(() => service, (count) => {
    if (moments.includes(count)) work = work.then(killOnce)
  })
  const claims: Claim[] = []
  await Promise.all(Array.from({ length: CALLERS }, async (_, i) => {
    const own = randomFrom(seed * 100 + i)
    while (caller.figures.operations < operations) await travel({ caller, claims, random: own })
  }))
  await work

  const verdicts = await judge(fixture, claims)
  const figures = {
    seed,
    ...caller.figures,
    kills: killed,
    ...Object.fromEntries(Object.entries(verdicts).map(([name, list]) => [name, list.length]))
  }
  t.comment(JSON.stringify(figures))
  t.equal(killed, kills, 'all kills')
  t.same(verdicts, { lost: [], doubled: [], lies: [] }, 'nothing lost, nothing done twice, and nobody told a lie')
  t.same(
    claims.filter(({ is }) => is === 'refused').map(({ what, id, status }) => `${what} ${id}: ${status}`),
    [],
    'all of it was possible, so nothing was refused'
  )
  t.ok(caller.figures.unknown <= kills * CALLERS, 'what is unknown is of the calls that were running')
}

export interface Verdicts { lost: string[], doubled: string[], lies: string[] }

/** `lost`: told done, and Connect has no such thing or with other data; `lies`: told refused, and Connect did it. */
export async function judge (fixture: CrashFixture, claims: readonly Claim[]): Promise<Verdicts> {
  const effects = await fixture.effects()
  const { list: rules } = await fixture.connectProvider('GET', `/products/${header.product.id}/usage/rules?limit=1000`)
  const timesOf = async ({ id, effect, mark, what }: Claim): Promise<number> => {
    if (what.endsWith('/usage-rules')) return rules.filter(({ rule }) => rule === mark).length
    if (effect === 'named') {
      return (await fixture.connectVendor('GET', `/usage/files?name=${encodeURIComponent(mark ?? '')}`)).list.length
    }
    if (what.endsWith(' /usage-files')) {
      return (await fixture.connectVendor('GET', `/usage/files?external_id=${mark}`)).list.length
    }
    return effects[id ?? '']?.[effect] ?? 0
  }
  const verdicts: Verdicts = { lost: [], doubled: [], lies: [] }
  for (const claim of claims) {
    const times = await timesOf(claim)
    const text = `${claim.what} ${claim.id} ${claim.effect}: ${claim.is} (${claim.status}), ${times} times`
    if (claim.is === 'done' && times === 0) verdicts.lost.push(text)
    if (claim.is === 'refused' && times > 0) verdicts.lies.push(text)
    if (times > 1) verdicts.doubled.push(text)
    if (claim.is === 'done' && claim.effect === 'closed' && claim.id?.startsWith('UR-') === true) {
      const { json } = await fixture.connectProvider('GET', `/usage/records/${claim.id}`)
      if (json.external_billing_id !== claim.mark) verdicts.lost.push(`${text}, billed as ${json.external_billing_id}`)
    }
  }
  return verdicts
}
