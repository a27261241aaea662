import t from 'tap'
import type { FaultRule } from '../../../sandbox/src/fault-book.ts'
import { openRedisStore } from '../../../src/store/redis-store.ts'
import { startApp, until, VENDOR_KEY } from '../../helper.ts'
import { PATIENT, silent } from '../../store/fixture.ts'
import { noRedis, startRedis } from '../../store/redis.ts'
import { sender, type Reply } from '../idempotency/fixture.ts'
import { fileOf, OTHER_ROWS, publisher, ROWS, startReports, type ReportFixture } from './fixture.ts'

const CALLS = {
  'the list of files': { method: 'GET', path: '/usage/files$' },
  'the create': { method: 'POST', path: '/usage/files$' },
  'the upload': { method: 'POST', path: '/upload$' },
  'the submit': { method: 'POST', path: '/submit$' }
} as const

const FAULTS = {
  'fails before it acts': { when: 'before', fault: { type: 'status', code: 500 } },
  'fails after it has acted': { when: 'after', fault: { type: 'status', code: 500 } },
  'resets before it acts': { when: 'before', fault: { type: 'reset' } },
  'resets after it has acted': { when: 'after', fault: { type: 'reset' } },
  'throttles before it acts': { when: 'before', fault: { type: 'throttle', retryAfter: 0 } },
  refuses: { when: 'before', fault: { type: 'status', code: 400 } }
} as const satisfies Record<string, Pick<FaultRule, 'when' | 'fault'>>

/** Sends the request until it is done, and gives all answers. */
async function repeat ({ publish }: ReportFixture, externalId: string): Promise<Reply[]> {
  const answers: Reply[] = []
  for (let tries = 0; tries < 5; tries += 1) {
    const answer = await publish(externalId, { isSubmitted: true })
    answers.push(answer)
    if (answer.status === 200) break
  }
  return answers
}

t.test('after a fault of any call the problem tells what was done, and the next request goes on', async (t) => {
  const fixture = await startReports(t)
  const { sandbox, effects } = fixture
  for (const [call, match] of Object.entries(CALLS)) {
    for (const [fault, rule] of Object.entries(FAULTS)) {
      const what = `${call} ${fault}`
      sandbox.faults.clear()
      sandbox.faults.add({ match, ...rule })
      const answers = await repeat(fixture, what)
      const [first] = answers
      const steps = (first?.json['steps'] ?? []) as { step: string, outcome: string }[]
      const isDone = (step: string): boolean => steps.some(one => one.step === step && one.outcome === 'done')
      const isWritten = first?.status === 200 || ['create', 'upload', 'submit'].some(isDone)
      // A create whose outcome is unknown is sent again by nobody for five minutes, unless its file shows.
      const isHeldBack = call === 'the create' && ['resets before it acts', 'fails before it acts'].includes(fault)
      t.match(answers.at(-1), isHeldBack
        ? { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
        : { status: 200, json: { state: 'submitted' } }, what)
      const done = effects(what)
      t.same(done, isHeldBack
        ? { files: 0, uploaded: 0, submitted: 0 }
        : { files: 1, uploaded: done.uploaded, submitted: 1 }, what)
      t.ok(done.uploaded <= 2, what)
      if (first?.status === 200 || isHeldBack) continue
      t.equal(first?.json['fileIds'] !== undefined, isWritten, `${what}: told`)
    }
  }
})

t.test('of eight requests for one report at once one publishes, and the others are told so', async (t) => {
  const { publish, effects } = await startReports(t)
  const answers = await Promise.all(Array.from({ length: 8 }, async (_, i) =>
    await publish('r', { isSubmitted: true, rows: i % 2 === 0 ? ROWS : OTHER_ROWS })))
  t.same(effects('r'), { files: 1, uploaded: 1, submitted: 1 })
  for (const { status, json } of answers) {
    t.ok(status === 200 || ['REPORT_IN_FLIGHT', 'REPORT_DIFFERS'].includes(String(json['code'])), JSON.stringify(json))
  }
  t.ok(answers.some(({ status }) => status === 200))
  const inFlight = answers.find(({ json }) => json['code'] === 'REPORT_IN_FLIGHT')
  t.equal(inFlight?.headers.get('retry-after'), '1')
})

t.test('a file that someone else fills meanwhile is not submitted', async (t) => {
  const { publish, sandbox, vendor, effects, processed } = await startReports(t)
  const { id } = fileOf(await publish('r'))
  // The workbook is compared, then another one arrives, then the file is read again before the submit.
  const match = { method: 'GET', path: `/usage/files/${id}$` }
  sandbox.faults.add({ match, nth: 2, fault: { type: 'delay', ms: 4_000 } })
  const publishing = publish('r', { isSubmitted: true })
  await until(() => sandbox.ledger.entries.some(({ fault }) => fault === 'delay'), 'the read that is delayed')
  await vendor('POST', `/usage-files/${id}/upload?check=report`, null, { rows: OTHER_ROWS })
  await processed(id)
  t.match(await publishing, { status: 409, json: { code: 'REPORT_IN_FLIGHT', fileIds: [id] } })
  t.equal(effects('r').submitted, 0)
})

t.test('an Idempotency-Key is not needed and works', async (t) => {
  const { publish, writes } = await startReports(t, {}, { processingMs: 5_000 })
  const first = await publish('r', { key: 'k', isSubmitted: true, prefer: 'wait=1' })
  t.match(first, { status: 202, json: { state: 'processing' } })
  const second = await publish('r', { key: 'k', isSubmitted: true })
  t.match(second, { status: 200, json: { state: 'submitted' } }, 'a 202 is not kept')
  writes()
  const third = await publish('r', { key: 'k', isSubmitted: true })
  t.equal(third.headers.get('idempotency-replayed'), 'true')
  t.equal(third.text, second.text)
  t.match(await publish('r', { key: 'k', isSubmitted: true, rows: OTHER_ROWS }), {
    status: 422, json: { code: 'IDEMPOTENCY_MISMATCH' }
  })
  t.same(writes(), [])
})

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('two replicas publish a report once', async (t) => {
    const redis = await startRedis(t)
    const open = async () => await openRedisStore(redis.url, silent, PATIENT)
    const first = await startReports(t, { store: await open() })
    const { baseUrl, origin } = first.sandbox
    const second = await startApp(t, {
      store: await open(), env: { CONNECT_BASE_URL: baseUrl, STORAGE_HOSTS: origin }
    })
    const other = publisher(sender(second.origin, VENDOR_KEY))
    const answers = await Promise.all(Array.from({ length: 6 }, async (_, i) =>
      await (i % 2 === 0 ? first.publish : other)('r', { isSubmitted: true })))
    t.same(first.effects('r'), { files: 1, uploaded: 1, submitted: 1 })
    t.ok(answers.every(({ status, json }) => status === 200 || json['code'] === 'REPORT_IN_FLIGHT'))
    t.match(await other('r', { isSubmitted: true }), { status: 200, json: { state: 'submitted' } })
  })
}
