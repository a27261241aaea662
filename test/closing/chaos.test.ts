import t from 'tap'
import { garbage, overloaded, reset, response, timeout, unreachable } from '../usage/failures.ts'
import { randomFrom } from '../uploads/wire.ts'
import { FakeConnect, idOf, many, recordOf, run, throttled, type Script } from './fixture.ts'

/** What Connect may do to a batch, by chance. Some of what it was silent about it does when all is over. */
function chaos (connect: FakeConnect, random: () => number, late: Parameters<Script>[0][]): Script {
  const isPoison = (id: string): boolean => id.endsWith('13')
  return async (batch) => {
    if (batch.length > 6 && random() < 0.3) throw response(413)
    if (batch.some(({ id }) => isPoison(id)) && random() < 0.7) throw response(400, 'Poison.')
    switch (Math.floor(random() * 14)) {
      case 0:
        late.push(batch)
        throw timeout()
      case 1:
        throw response(500)
      case 2:
      case 3:
        throw throttled(0)
      case 4:
        if (random() < 0.2) throw random() < 0.5 ? unreachable() : overloaded()
        return connect.close(batch)
      case 5:
        connect.close(batch)
        throw reset()
      case 6:
        connect.close(batch.filter(() => random() < 0.5))
        throw timeout()
      case 7:
        connect.close(batch)
        throw garbage()
      case 8:
        return connect
          .close(batch)
          .filter(() => random() < 0.6)
          .reverse()
      case 9:
        return [
          ...connect.close(batch),
          { id: 'UR-0', status: 'closed' },
          { status: 'closed' },
          { id: batch[0]?.id, status: 'approved', error_details: 'Twice.' }
        ]
      case 10:
        return batch.map(({ id }) => ({ id, status: 'approved' }))
      case 11:
        return connect
          .close(batch.filter(({ id }) => !isPoison(id)))
          .concat(batch.filter(({ id }) => isPoison(id)).map(({ id }) => ({ id, error_codes: 'X' })))
      default:
        return connect.close(batch)
    }
  }
}

t.test(
  'whatever Connect does, every record has one outcome, and none is told closed that is not, or refused that will be',
  async t => {
    let told = 0
    await Promise.all(
      Array.from({ length: 300 }, async (_, seed) => {
        const random = randomFrom(seed + 1)
        const connect = new FakeConnect()
        connect.file = many(60).map(({ id }) => id)
        for (let n = 0; n < 60; n += 11) connect.closed.set(idOf(n), random() < 0.5 ? 'INV-1' : 'OTHER')
        const before = new Set(connect.closed.keys())
        const late: Parameters<Script>[0][] = []
        connect.script = chaos(connect, random, late)
        connect.onRead = () => {
          const dice = random()
          if (dice < 0.1) throw timeout()
          if (dice < 0.15) throw response(404)
          if (dice < 0.2) throw throttled(0)
          return undefined
        }
        connect.onPage = () => {
          if (random() < 0.3) throw timeout()
        }
        const list = Array.from({ length: 80 }, (_, n) =>
          n < 50 ? recordOf(n) : recordOf(Math.floor(random() * 60), random() < 0.8 ? 'INV-1' : 'X')
        )
        const { outcomes, summary } = await run(connect, list, {
          batchSize: 1 + Math.floor(random() * 20),
          concurrency: 1 + Math.floor(random() * 4),
          patienceMs: 5000
        })
        const wrong: string[] = []
        if (
          JSON.stringify(outcomes.map(({ index, id }) => [index, id])) !==
          JSON.stringify(list.map(({ id }, index) => [index, id]))
        ) { wrong.push('not one outcome each') }
        for (const batch of late) connect.close(batch)
        for (const { id, index, outcome, ...rest } of outcomes) {
          // One that was closed before and is not found is told with Connect's words on that.
          const saysOpen =
            'code' in rest && !['DUPLICATE_ID', 'BILLING_CONFLICT'].includes(rest.code) && !before.has(id)
          if (outcome === 'refused' && saysOpen && connect.closed.get(id) === list[index]?.externalBillingId) {
            wrong.push(`${id} is closed after all`)
          }
          if (outcome !== 'closed') continue
          told += 1
          if (connect.closed.get(id) !== list[index]?.externalBillingId) wrong.push(`${id} is not closed so`)
        }
        const counted = { requested: 80, closed: 0, refused: 0, unknown: 0 }
        for (const { outcome } of outcomes) counted[outcome] += 1
        if (JSON.stringify(counted) !== JSON.stringify(summary)) wrong.push(JSON.stringify(summary))
        if (wrong.length > 0) t.fail(`seed ${seed}: ${wrong.join(', ')}`)
      })
    )
    t.ok(told > 10_000, `${told} closed`)
  }
)
