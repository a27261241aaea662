import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Reply } from '../routes/idempotency/fixture.ts'
import { publisher, row, type Row } from '../routes/usage-reports/fixture.ts'
import { randomFrom } from '../uploads/wire.ts'
import { killed, startFixture, type CrashFixture, type Service } from './fixture.ts'

export interface PublishingKills { seed: number, kills: number, callers: number, redisUrl?: string }

/** A report that a caller publishes, and repeats until it is done. `first` is what its first request sent. */
interface Wanted { externalId: string, rows: readonly Row[], first: readonly Row[], last: Reply | null }

/** The longest time after the requests begin at which the service is killed, in milliseconds. */
const KILL_WITHIN_MS = 1_200
const MAX_TRIES = 600

/**
 * Kills the service at random moments while callers publish, each a report of its own. After the kill every caller
 * repeats its request until it is done; every third one then sends other rows. In the end each report must have one
 * file, with one submit, of the rows that the caller was told.
 */
export async function killWhilePublishing (
  t: Test, { seed, kills, callers, redisUrl }: PublishingKills
): Promise<void> {
  const fixture = await startFixture(t, redisUrl ?? null)
  const random = randomFrom(seed)
  const start = async (): Promise<Service> => await fixture.service({ leaseMs: 1_500, overMs: 3_000 })
  let service = await start()
  // Loads the worker threads, so that the moments of the kills are spread over the steps.
  await publisher(service.vendor)('first')
  const reports: Wanted[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const wanted = Array.from({ length: callers }, (_, i) => reportOf(kill * callers + i))
    const requests = wanted.map(async ({ externalId, first }) =>
      await publisher(service.vendor)(externalId, { rows: first, isSubmitted: true }).catch(() => null))
    await sleep(random() * KILL_WITHIN_MS)
    const gone = once(service.process.child, 'exit')
    service.process.child.kill('SIGKILL')
    await gone
    await Promise.all(requests)
    service = await start()
    await Promise.all(wanted.map(async one => { one.last = await untilDone(service, one) }))
    reports.push(...wanted)
  }
  const faults = await judge(fixture, reports)
  t.comment(JSON.stringify({ seed, kills, reports: reports.length }))
  t.same(faults, [], 'one file, one submit, of the rows that were told')
}

/**
 * The steps of a report: each is marked before Connect can have it. `before-mark-2`: the file is created, and nothing
 * more. `before-release-1`: the file is submitted.
 */
const STEPS = [
  'before-begin-1', 'after-begin-1', 'before-mark-1', 'after-mark-1', 'before-mark-2', 'after-mark-2', 'before-mark-3',
  'after-mark-3', 'before-release-1'
]

/** Kills the service at each step of a report, and repeats the request: once with the same rows, once with others. */
export async function killAtEachStep (t: Test, redisUrl: string | null = null): Promise<void> {
  const fixture = await startFixture(t, redisUrl)
  const times = { leaseMs: 1_500, overMs: 3_000 }
  const reports: Wanted[] = []
  for (const crashAt of STEPS) {
    for (const hasOtherRows of [false, true]) {
      const wanted = reportOf(3 * reports.length + (hasOtherRows ? 0 : 1))
      const first = await fixture.service({ ...times, crashAt })
      const request = publisher(first.vendor)(wanted.externalId, { rows: wanted.first, isSubmitted: true })
      await t.rejects(request, `${crashAt}: no answer`)
      await killed(first)
      const second = await fixture.service(times)
      wanted.last = await untilDone(second, wanted)
      reports.push(wanted)
      const gone = once(second.process.child, 'exit')
      second.process.child.kill('SIGKILL')
      await gone
    }
  }
  t.same(await judge(fixture, reports), [], 'one file, one submit, of the rows that were told')
  const differs = reports.filter(({ last }) => last?.status === 409)
  t.equal(differs.length, 1, 'only after the submit other rows are refused')
}

function reportOf (n: number): Wanted {
  const rowsWith = (quantity: number): Row[] => [row(1, { quantity }), row(2, { quantity: n + 1 })]
  const rows = rowsWith(2 * n + 1)
  return { externalId: `REPORT-${n}`, rows, first: n % 3 === 0 ? rowsWith(2 * n + 2) : rows, last: null }
}

/** Sends the request until the answer says what has become of the report. */
async function untilDone (service: Service, { externalId, rows }: Wanted): Promise<Reply | null> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reply = await publisher(service.vendor)(externalId, { rows, isSubmitted: true })
    const isPassing = [202, 429, 502, 503, 504].includes(reply.status) || reply.json['code'] === 'REPORT_IN_FLIGHT'
    if (!isPassing) return reply
    await sleep(100)
  }
  return null
}

/** Compares what callers were told with what Connect has. Gives a line for each difference. */
async function judge ({ connectVendor, effects }: CrashFixture, reports: readonly Wanted[]): Promise<string[]> {
  const done = await effects()
  const faults: string[] = []
  for (const { externalId, rows, first, last } of reports) {
    const { list } = await connectVendor('GET', `/usage/files?external_id=${externalId}`)
    const [file] = list
    const submits = done[file?.id ?? '']?.['submitted'] ?? 0
    const told = `${externalId}: ${last?.status} ${String(last?.json['code'] ?? last?.json['state'])}`
    if (list.length !== 1) faults.push(`${told}, ${list.length} files`)
    if (submits !== 1) faults.push(`${told}, ${submits} submits`)
    const isDone = last?.status === 200 && last.json['state'] === 'submitted'
    // The first request, with other rows, may have been submitted before the kill.
    const isOther = last?.json['code'] === 'REPORT_DIFFERS' && first !== rows
    if (!isDone && !isOther) faults.push(told)
    const expected = (isOther ? first : rows).reduce((all, one) => all + Number(one['quantity']), 0)
    const records = (await connectVendor('GET', `/usage/records?usagefile.id=${file?.id ?? ''}&limit=10`)).list
    const held = records.reduce((all, { usage }) => all + Number(usage), 0)
    if (records.length !== 2 || held !== expected) faults.push(`${told}, ${held} submitted instead of ${expected}`)
  }
  return faults
}
