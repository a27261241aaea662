import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { isDoubtful, isRefusal, settle } from '../../src/usage/outcome.ts'
import { cutBody, garbage, overloaded, reset, response, timeout, unreachable } from './failures.ts'

t.test('which ends are doubtful', async (t) => {
  for (const error of [timeout(), reset(), garbage(), garbage(302), response(500), response(503), response(504)]) t.ok(isDoubtful(error), error.message)
  for (const error of [cutBody(), unreachable(), overloaded(), response(400), response(404), response(429), new Error('x'), null]) {
    t.notOk(isDoubtful(error), String(error))
  }
  t.same([400, 409, 422, 401, 403, 404, 500].map(status => isRefusal(response(status))), [true, true, true, false, false, false, false])
})

t.test('a write is sent once, and looked for only after a doubtful end', async (t) => {
  const run = async (end: unknown, found: unknown): Promise<{ outcome: unknown, sends: number, looks: number }> => {
    let [sends, looks] = [0, 0]
    const outcome = await settle(async () => {
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
  t.match(await run(garbage(302), null), { outcome: { kind: 'bad-payload' }, sends: 1, looks: 1 }, 'a redirect that did nothing is no silence')

  const codeOf = (error: unknown): unknown => error instanceof AppError ? error.code : error
  for (const end of [timeout(), reset(), garbage(), response(504)]) t.equal(codeOf((await run(end, null)).outcome), 'OUTCOME_UNKNOWN', 'silence may still become an effect')
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
