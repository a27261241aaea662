import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { isDoubtful, isRefusal, sendAndReadBack, type Failed } from '../../src/usage/writes/send-and-read-back.ts'
import {
  cutBody, garbage, overloaded, reset, response, throttledPage, timeout, unreachable
} from './failures.ts'

t.test('an end is unclear when Connect may have acted', async (t) => {
  for (const error of [
    timeout(),
    reset(),
    garbage(),
    garbage(302),
    garbage(404),
    response(500),
    response(503),
    response(504),
    throttledPage()
  ]) { t.ok(isDoubtful(error), error.message) }
  for (const error of [
    cutBody(),
    unreachable(),
    overloaded(),
    response(400),
    response(404),
    response(429),
    new Error('x'),
    null
  ]) {
    t.notOk(isDoubtful(error), String(error))
  }
  t.same(
    [400, 409, 422, 401, 403, 404, 500].map(status => isRefusal(response(status))),
    [true, true, true, false, false, false, false]
  )
})

t.test('a write is sent once, and read back only after an unclear end', async (t) => {
  const run = async (end: unknown, found: unknown): Promise<{ outcome: unknown, sends: number, looks: number }> => {
    let [sends, looks] = [0, 0]
    const outcome = await sendAndReadBack(async () => {
      sends++
      if (end instanceof Error) throw end
      return end
    }, async () => {
      looks++
      if (found instanceof Error) throw found
      return found
    }).catch((error: unknown) => error)
    return { outcome, sends, looks }
  }
  t.same(await run('done', 'x'), { outcome: 'done', sends: 1, looks: 0 })
  t.same(await run(timeout(), 'found'), { outcome: 'found', sends: 1, looks: 1 })
  t.same(await run(response(500), 'found'), { outcome: 'found', sends: 1, looks: 1 })
  t.same(await run(garbage(302), 'found'), { outcome: 'found', sends: 1, looks: 1 })
  t.match(
    await run(garbage(302), null),
    { outcome: { kind: 'bad-payload' }, sends: 1, looks: 1 },
    'a redirect that did nothing is no silence'
  )
  t.match(
    await run(garbage(404), null),
    { outcome: { kind: 'bad-payload' }, sends: 1, looks: 1 },
    'nor is the word of a gateway'
  )
  t.same(await run(garbage(404), 'found'), { outcome: 'found', sends: 1, looks: 1 })

  const codeOf = (error: unknown): unknown => error instanceof AppError ? error.code : error
  for (const end of [timeout(), reset(), garbage(), response(504), garbage(408), garbage(499)]) {
    t.equal(codeOf((await run(end, null)).outcome), 'OUTCOME_UNKNOWN', 'silence may still become an effect')
  }
  const failure = response(500)
  t.equal((await run(failure, null)).outcome, failure, 'an answered failure that changed nothing is one')
  t.equal(codeOf((await run(failure, reset())).outcome), 'OUTCOME_UNKNOWN', 'nobody can tell')
  t.equal(codeOf((await run(failure, undefined)).outcome), 'OUTCOME_UNKNOWN', 'nothing would tell')
  const conflict = new AppError('BILLING_CONFLICT', 'x')
  t.equal((await run(timeout(), conflict)).outcome, conflict, 'what was found out is told')
  for (const end of [response(400), unreachable(), cutBody()]) {
    const { outcome, looks } = await run(end, 'found')
    t.equal(outcome, end)
    t.equal(looks, 0)
  }
})

t.test('a refusal is held against the object where it is known how that was before', async (t) => {
  const run = async (end: Error, found: unknown, isKnown = true): Promise<{ outcome: unknown, looks: number }> => {
    let looks = 0
    const outcome = await sendAndReadBack<unknown>(async () => { throw end }, async () => t.fail('not doubtful'), {
      readRefused: isKnown
        ? async () => {
          looks += 1
          if (found instanceof Error) throw found
          return found
        }
        : undefined
    }).catch((error: unknown) => error)
    return { outcome, looks }
  }
  for (const status of [400, 401, 403, 404, 409, 413, 422, 429]) {
    const refusal = response(status, 'Connect says why.')
    t.same(await run(refusal, 'found'), { outcome: 'found', looks: 1 }, `${status}: Connect acted all the same`)
    t.same(await run(refusal, null), { outcome: refusal, looks: 1 }, 'nothing happened')
    if (status !== 429) t.same(await run(refusal, 'found', false), { outcome: refusal, looks: 0 })
    for (const found of [undefined, timeout(), response(500)]) {
      t.match((await run(refusal, found)).outcome, {
        code: 'OUTCOME_UNKNOWN',
        message: /^Connect refused the request, and the object/,
        options: { connect: { status, errors: ['Connect says why.'] } }
      })
    }
    const isSame = [401, 403, 404].includes(status)
    const { outcome } = await run(refusal, response(status))
    if (isSame) t.equal(outcome, refusal, `${status}: the read is refused in the same way`)
    else t.match(outcome, { code: 'OUTCOME_UNKNOWN' })
  }
})

t.test('after a 429 the object is read once, also where nobody read it before the send', async (t) => {
  const throttled = response(429, 'Slow down.', 'x', 7)
  for (const end of [throttled, throttledPage(7)]) {
    const run = async (found: unknown): Promise<unknown> => {
      let reads = 0
      const outcome = await sendAndReadBack<unknown>(async () => { throw end }, async () => {
        reads += 1
        if (found instanceof Error) throw found
        return found
      }).catch((error: unknown) => error)
      t.equal(reads, 1)
      return outcome
    }
    t.equal(await run('found'), 'found')
    t.match(await run(null), { status: 429, retryAfterSeconds: 7 })
    for (const found of [undefined, timeout(), throttled]) {
      t.match(await run(found), { code: 'OUTCOME_UNKNOWN', options: { retryAfterSeconds: 7 } })
    }
  }
  const runUntold = async (end: Error): Promise<unknown> =>
    await sendAndReadBack<unknown>(async () => { throw end }, null).catch((error: unknown) => error)
  t.equal(await runUntold(throttled), throttled, 'a refusal by Connect stands where nothing tells')
  t.match(await runUntold(throttledPage(7)), { code: 'OUTCOME_UNKNOWN' })
  t.match(await runUntold(response(500)), { code: 'OUTCOME_UNKNOWN' })
})

/**
 * Sends that end one after the other as told, looks that find one after the other; and what was asked before the
 * second.
 */
async function runTwice (ends: unknown[], finds: unknown[], mayResend = true) {
  const sent: boolean[] = []
  const asked: Failed[] = []
  let looks = 0
  const outcome = await sendAndReadBack<unknown>(async ({ firstSentAt }) => {
    sent.push(firstSentAt !== undefined)
    const end = ends[sent.length - 1]
    if (end instanceof Error) throw end
    return end
  }, async () => finds[Math.min(looks++, finds.length - 1)], {
    mayResend: (failed) => {
      asked.push(failed)
      return mayResend
    }
  }).catch((error: unknown) => error instanceof AppError ? error.code : error)
  return { outcome, sent, asked, looks }
}

t.test('a second send happens once, after a failure or a reset, when the object is unchanged', async (t) => {
  t.same(await runTwice([response(500), 'done'], [null]), {
    outcome: 'done',
    sent: [false, true],
    asked: ['answered'],
    looks: 1
  })
  t.same(await runTwice([reset(), 'done'], [null]), {
    outcome: 'done',
    sent: [false, true],
    asked: ['reset'],
    looks: 1
  })
  const failure = response(503)
  t.same(
    await runTwice([failure, 'done'], [null], false),
    { outcome: failure, sent: [false], asked: ['answered'], looks: 1 },
    'not where that may do harm'
  )
  for (const end of [
    timeout(),
    response(504),
    garbage(),
    garbage(302),
    garbage(404),
    response(503, 'No.', 'x', 30),
    response(400),
    unreachable()
  ]) {
    const { sent, asked } = await runTwice([end, 'done'], [null])
    t.same({ sent, asked }, { sent: [false], asked: [] }, `never after: ${end.message}`)
  }
  t.same((await runTwice([response(500), 'done'], ['found'])).sent, [false], 'nor of what is done')
  t.same((await runTwice([response(500), 'done'], [undefined])).sent, [false], 'nor of what cannot be told')
})

t.test('the end of the second send is the outcome', async (t) => {
  const second = response(502)
  t.equal((await runTwice([response(500), second], [null])).outcome, second, 'nothing came of either')
  t.equal((await runTwice([response(500), second], [null, 'found'])).outcome, 'found')
  t.equal((await runTwice([response(500), second], [null, undefined])).outcome, 'OUTCOME_UNKNOWN')
  t.equal((await runTwice([response(500), timeout()], [null])).outcome, 'OUTCOME_UNKNOWN')
  t.equal((await runTwice([reset(), second], [null])).outcome, 'OUTCOME_UNKNOWN', 'the first may still get through')
  t.equal((await runTwice([reset(), response(404)], [null])).outcome, 'OUTCOME_UNKNOWN')
  t.equal((await runTwice([reset(), timeout()], [null, 'found'])).outcome, 'found')
  const refusal = response(400)
  t.equal(
    (await runTwice([reset(), refusal], [null, 'found'])).outcome,
    'found',
    'refused, because the first got through'
  )
  t.equal((await runTwice([reset(), refusal], [null])).outcome, refusal)
  const throttled = response(429)
  t.equal((await runTwice([response(500), throttled], [null])).outcome, throttled)
  const failure = response(500)
  for (const unsent of [overloaded(), unreachable(), cutBody()]) {
    t.equal((await runTwice([failure, unsent], [null])).outcome, failure, 'one that did not leave changes nothing')
    t.equal((await runTwice([reset(), unsent], [null])).outcome, 'OUTCOME_UNKNOWN')
  }
})
