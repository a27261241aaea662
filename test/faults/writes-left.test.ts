import t from 'tap'
import { until } from '../helper.ts'
import type { Exchange } from '../connect/upstream.ts'
import { before } from './write-ends.ts'
import { startWritesFixture } from './writes-fixture.ts'
import { FILE_WRITES, OTHER_WRITES, UPLOADS } from './writes.ts'

const ALL = { ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS }

t.test(
  'a caller that leaves after its body, before the answer: the write is seen through, and its answer kept',
  async t => {
    const fixture = await startWritesFixture(t)
    await Promise.all(
      Object.entries(ALL).map(async ([operation, write]) => {
        let held: Exchange | null = null
        const one = fixture.begin(write, [
          before(exchange => {
            held = exchange
          })
        ])
        await one.askAndLeave('k')
        const line = (): unknown =>
          fixture.logs.find(
            ({ msg, operation: logged, status }) =>
              msg === 'request' && status === 499 && logged === operation.replace('WithoutExternalId', '')
          )
        await until(() => line() !== undefined, `${operation}: the caller to be seen leaving`)
        t.match(await one.ask('k'), { status: 409, json: { code: 'IDEMPOTENCY_IN_FLIGHT' } }, `${operation}: under way`)
        const exchange = held ?? (t.fail(operation) as never as Exchange)
        t.notOk(exchange.socket.destroyed, `${operation}: not cut off`)
        one.actLate(exchange)
        let answer = await one.ask('k')
        await until(async () => (answer = await one.ask('k')).status !== 409, `${operation}: its answer`)
        t.match(
          { status: answer.status, replayed: answer.headers.get('idempotency-replayed') },
          { status: write.success, replayed: 'true' },
          operation
        )
        t.same([one.sends, one.effects], [1, 1], `${operation}: once`)
      })
    )
    await fixture.quiet()
  }
)
