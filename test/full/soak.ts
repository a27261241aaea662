/**
 * `npm run soak -- --minutes 10`: callers of both roles work while the sandbox fails at random. Checks afterwards that
 * nothing was lost, done twice or left behind. Linux only: it reads the state of the process in `/proc`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import t from 'tap'
import { Caller } from '../crash/caller.ts'
import { travel, type Claim } from '../crash/journeys.ts'
import { judge } from '../crash/random-kills.ts'
import { startFixture } from '../crash/fixture.ts'
import { until } from '../helper.ts'
import { randomFrom } from '../uploads/wire.ts'

t.setTimeout(0)
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '7' } }
})
const seed = Number(values.seed)
const CALLERS = 6
const MAX_GROWTH_MIB = 32

/**
 * What the service uses. `rssMiB` is the memory of the process alone. `mappedMiB` is that of mapped files, such as the
 * file of the state store, which grows as it should: it holds every key for 24 hours. `sockets` are connections to
 * Connect; `busy` counts calls, uploads and bulk closes under way.
 */
interface Figures { rssMiB: number, mappedMiB: number, descriptors: number, sockets: number, busy: number }

t.test(`${values.minutes} minutes, seed ${seed}`, async (t) => {
  const fixture = await startFixture(t)
  const service = await fixture.service()
  const pid = service.process.child.pid ?? 0
  const random = randomFrom(seed)
  const caller = new Caller(() => service, () => {}, [429, 502, 503])
  const claims: Claim[] = []
  let isOver = false
  let reads = 0
  let faults = 0

  const look = async (): Promise<Figures> => {
    const metrics = await (await fetch(`${service.address}/metrics`)).text()
    const sum = (pattern: RegExp): number =>
      [...metrics.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0)
    const links = readdirSync(`/proc/${pid}/fd`)
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const residentMiB = (kind: string): number =>
      Number(new RegExp(`Rss${kind}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
    return {
      rssMiB: residentMiB('Anon'),
      mappedMiB: residentMiB('File'),
      descriptors: links.length,
      sockets: sum(/^usage_bff_connect_pool\{.*state="connected".*\} (\d+)$/gm),
      busy:
        sum(/^usage_bff_connect_pool\{.*state="(?:running|pending)".*\} (\d+)$/gm) +
        sum(/^usage_bff_(?:uploads|bulk_closes)_in_flight (\d+)$/gm)
    }
  }
  /**
   * Waits up to a minute for rest: no call, no connection to Connect, and at most `descriptors` open descriptors. Gives
   * the figures.
   */
  const atRest = async (descriptors = Infinity): Promise<Figures> => {
    await until(async () => {
      const { sockets, busy, descriptors: open } = await look()
      return sockets + busy === 0 && open <= descriptors
    }, 'rest', 60_000).catch(() => {})
    return await look()
  }
  const control = async (method: string, rules?: object): Promise<void> => {
    await fetch(`${fixture.origin}/__control/faults`, {
      method,
      ...(rules !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(rules) })
    })
  }
  const trouble = async (): Promise<void> => {
    const kinds = [
      { type: 'delay', ms: 300 },
      { type: 'reset' },
      { type: 'truncate' },
      { type: 'wrongType' },
      { type: 'status', code: 500 },
      { type: 'status', code: 503 },
      { type: 'throttle', retryAfter: 1 }
    ]
    while (!isOver) {
      await control('DELETE')
      await control('POST', [0, 1].map(() => {
        const fault = kinds[Math.floor(random() * kinds.length)]
        // A 429 comes only before an operation, because it says that nothing was done. After an operation it would be a
        // lie that the service cannot find out.
        const when = fault?.type === 'throttle' || random() < 0.5 ? 'before' : 'after'
        return {
          match: { path: '/usage' },
          nth: 1 + Math.floor(random() * 10),
          times: 1 + Math.floor(random() * 2),
          when,
          fault
        }
      }))
      faults += 2
      await sleep(300)
    }
    await control('DELETE')
  }
  const browse = async (own: () => number): Promise<void> => {
    while (!isOver) {
      const role = own() < 0.5 ? 'vendor' as const : 'provider' as const
      const { json } = await service[role]('GET', `/usage-files?limit=20&offset=${Math.floor(own() * 20)}`, null).catch(
        () => ({ json: {} as Record<string, unknown> })
      )
      const files = (json['items'] ?? []) as { id: string }[]
      const file = files[Math.floor(own() * files.length)]
      if (file !== undefined) {
        for (const path of ['?include=chunks,categories', '/files/processed']) {
          await service[role]('GET', `/usage-files/${file.id}${path}`, null).catch(() => null)
        }
      }
      reads += 3
    }
  }
  const traffic = async (ms: number): Promise<number[]> => {
    isOver = false
    const end = Date.now() + ms
    const working = Array.from({ length: CALLERS }, async () => {
      while (Date.now() < end) await travel({ caller, claims, random })
    })
    const beside = [trouble(), browse(random), browse(random)]
    const rss: number[] = []
    while (Date.now() < end) {
      await sleep(2_000)
      rss.push((await look()).rssMiB)
    }
    await Promise.all(working)
    isOver = true
    await Promise.all(beside)
    return rss
  }

  const ms = Number(values.minutes) * 60_000
  await traffic(ms / 4)
  const before = await atRest()
  const rss = await traffic(ms * 3 / 4)
  const after = await atRest(before.descriptors)
  const verdicts = await judge(fixture, claims)
  const growth = slopeOf(rss.slice(Math.floor(rss.length / 2))) * 30
  console.table({ 'after warm-up': before, 'at the end': after })
  console.table({
    ...caller.figures,
    reads,
    faults,
    lost: verdicts.lost.length,
    doubled: verdicts.doubled.length,
    lies: verdicts.lies.length,
    rssMiBAMinute: Number(growth.toFixed(2))
  })
  t.same(verdicts, { lost: [], doubled: [], lies: [] }, 'nothing lost, nothing done twice, and nobody told a lie')
  t.ok(after.descriptors <= before.descriptors, 'no descriptor is left behind')
  t.same([after.sockets, after.busy], [0, 0], 'no socket and no call is left behind')
  t.ok(after.rssMiB - before.rssMiB < MAX_GROWTH_MIB, 'memory is where it was')
})

/** Gives the growth from one sample to the next, by least squares; 0 for fewer than two samples. */
function slopeOf (samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const [over, under] = samples.reduce<[number, number]>(
    ([a, b], one, at) => [a + (at - middle) * (one - mean), b + (at - middle) ** 2],
    [0, 0]
  )
  return under === 0 ? 0 : over / under
}
