import type { Test } from 'tap'
import { mapAtMost } from '../../src/limits/semaphore.ts'
import { watchLeftovers } from './leftovers.ts'
import { FAULTS, isSilence, SILENCE_MS, type Fault } from './write-ends.ts'
import { startWritesFixture, type Case, type WritesFixture } from './writes-fixture.ts'
import type { Write } from './writes.ts'

interface FaultCase { operation: string, write: Write, fault: Fault, what: string }

/** What the first request is answered: the promise, spelled out. */
function firstStatus (write: Write, fault: Fault): number {
  const [first] = fault.ends
  if (fault.kind === 'throttled') return first?.acts === true ? write.success : 503
  if (fault.kind === 'refusal' && !isRefusalChecked(write)) return 400
  if (!write.isTold) return 504
  if (first?.acts === true) return write.success
  const isSentAgain =
    fault.isLasting !== true &&
    (write.resends === 'failure or reset'
      ? fault.kind === 'failure' || fault.kind === 'reset'
      : write.resends === 'failure' && fault.kind === 'failure')
  return isSentAgain
    ? fault.isRefused === true
      ? 400
      : write.success
    : fault.kind === 'failure' || fault.kind === 'stranger'
      ? 502
      : fault.kind === 'gateway throttles' ? 503 : 504
}

/** Whether the service reads the object after this refusal, and the object tells. */
function isChecked (write: Write, fault: Fault): boolean {
  return fault.kind === 'throttled' ? write.isTold : isRefusalChecked(write)
}

function isRefusalChecked (write: Write): boolean {
  return write.isTold && write.isRefusalBelieved !== true
}

/** What the same request with the same key is answered, by a Connect that works again. */
function nextStatus (write: Write, fault: Fault, first: number): number {
  if (first === write.success || fault.kind === 'throttled' || (fault.isLate === true && write.isTold)) {
    return write.success
  }
  if (fault.kind === 'refusal') return first
  return write.isSentByTheNext ? write.success : 504
}

/** The first request meets the fault, the next ones with its key a Connect that works. */
async function testCase (t: Test, write: Write, fault: Fault, one: Case, what: string): Promise<void> {
  const first = await one.ask('k')
  t.equal(first.status, firstStatus(write, fault), `${what}: first`)
  t.ok(one.effects <= 1, `${what}: at most once`)
  t.ok(one.sends <= 2, `${what}: at most two sends`)
  if (first.status === write.success) t.equal(one.effects, 1, `${what}: a success is one`)
  else if (first.status === 504) t.equal(first.json['code'], 'OUTCOME_UNKNOWN', what)
  else if (fault.kind !== 'refusal') t.equal(one.effects, 0, `${what}: a failure is one`)
  if (first.status === 503) {
    t.match(
      { code: first.json['code'], after: first.headers.get('retry-after') },
      { code: 'UPSTREAM_THROTTLED', after: '7' }
    )
  }

  if (fault.isLate === true) one.actLate()
  one.ends.length = 0
  const next = await one.ask('k')
  t.equal(next.status, nextStatus(write, fault, first.status), `${what}: the next request`)
  t.ok(one.effects <= 1, `${what}: still at most once`)
  if (next.status === write.success) {
    t.equal(one.effects, 1, `${what}: once`)
    const sends = one.sends
    const third = await one.ask('k')
    t.match(
      { status: third.status, text: third.text, replayed: third.headers.get('idempotency-replayed') },
      { status: next.status, text: next.text, replayed: 'true' },
      `${what}: kept`
    )
    t.equal(one.sends, sends, `${what}: and not sent`)
  }
}

/**
 * All cases are about the same objects; of these operations the service has requests for one object wait for each
 * other.
 */
const TAKING_TURNS = ['closeUsageRecord', 'updateUsageFile', 'updateUsageRule', 'deleteUsageRule']

/**
 * Every operation with every fault: what the caller is told, what Connect did, and that nothing stays behind. `atOnce`
 * and the length of TAKING_TURNS are together at most the connections of the pool: no case may wait for one.
 */
export async function testWrites (t: Test, operations: Readonly<Record<string, Write>>, atOnce: number): Promise<void> {
  const all = Object.entries(operations).flatMap(([operation, write]) =>
    Object.entries(FAULTS)
      .filter(([, fault]) => fault.needsTelling !== true || isChecked(write, fault))
      .map(([name, fault]) => ({ operation, write, fault, what: `${operation}, ${name}` })))
  const answering = await startWritesFixture(t)
  for (const [operation, write] of Object.entries(operations)) {
    const one = answering.begin(write, [])
    t.equal((await one.ask('k')).status, write.success, `${operation}, without a fault`)
    t.same([one.sends, one.effects], [1, 1])
  }
  await testCases(t, answering, all.filter(({ fault }) => !isSilence(fault)), atOnce)
  const silent = await startWritesFixture(t, {}, SILENCE_MS)
  await testCases(t, silent, all.filter(({ fault }) => isSilence(fault)), atOnce)
  t.comment(`${all.length} faults`)
}

async function testCases (t: Test, fixture: WritesFixture, cases: readonly FaultCase[], atOnce: number): Promise<void> {
  const nothingLeft = await watchLeftovers(fixture)
  const work = async ({ write, fault, what }: FaultCase): Promise<void> => {
    await testCase(t, write, fault, fixture.begin(write, fault.ends), what)
  }
  await Promise.all([
    mapAtMost(cases.filter(({ operation }) => !TAKING_TURNS.includes(operation)), atOnce, work),
    ...TAKING_TURNS.map(async name => await mapAtMost(cases.filter(({ operation }) => operation === name), 1, work))
  ])
  await nothingLeft()
  for (const { requestId, upstreamAttempts = 0 } of fixture.logs.filter(line => line['msg'] === 'request')) {
    t.equal(
      upstreamAttempts,
      fixture.calls(String(requestId)),
      `${String(requestId)}: every call to Connect is in its line`
    )
  }
}
