import t from 'tap'
import { after, fails, FAULTS } from './write-ends.ts'
import { startWritesFixture } from './writes-fixture.ts'
import { FILE_WRITES, OTHER_WRITES, UPLOADS } from './writes.ts'

const WRITES = Object.entries({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS })
const [BEFORE, AFTER] = [FAULTS['429 before']?.ends ?? [], FAULTS['429 after']?.ends ?? []]

t.test('without a key, too, the object tells whether Connect acted before its 429', async (t) => {
  const fixture = await startWritesFixture(t)
  for (const [operation, write] of WRITES) {
    for (const ends of [BEFORE, AFTER]) {
      const one = fixture.begin(write, ends)
      const { status } = await one.ask(null)
      const isDone = ends === AFTER
      t.same(
        { status, sends: one.sends, effects: one.effects },
        { status: isDone && write.isTold ? write.success : 503, sends: 1, effects: isDone ? 1 : 0 },
        `${operation}, ${isDone ? 'done' : 'not done'}`
      )
    }
  }
  await fixture.quiet()
})

t.test('a 429 whose read is throttled, too, is unknown, and the next request with the key reads first', async (t) => {
  const fixture = await startWritesFixture(t)
  for (const [operation, write] of WRITES.filter(([, { isTold }]) => isTold)) {
    const one = fixture.begin(write, AFTER)
    let reads = 0
    one.readEnd = (exchange) => {
      reads += 1
      fails(429)(exchange)
    }
    const first = await one.ask('k')
    t.match(
      { ...first, after: first.headers.get('retry-after') },
      { status: 504, json: { code: 'OUTCOME_UNKNOWN', connect: { status: 429 } }, after: '7' },
      operation
    )
    t.equal(reads, 1, `${operation}: one read`)
    t.match(await one.ask('k'), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, `${operation}: still unknown`)
    one.readEnd = null
    t.equal((await one.ask('k')).status, write.success, `${operation}: the next request finds it`)
    t.same({ sends: one.sends, effects: one.effects }, { sends: 1, effects: 1 }, operation)
  }
  await fixture.quiet()
})

t.test('a 429 to a write holds the account, after the look that tells what became of the write', async (t) => {
  const fixture = await startWritesFixture(t, {}, undefined, 300)
  const isTold = (role: string) => WRITES.filter(([, write]) => write.isTold && write.role === role)
  const ends = [after(fails(429, { 'retry-after': '120' }))]
  for (const role of ['vendor', 'provider']) {
    const [[operation, write] = [], ...others] = isTold(role)
    if (write === undefined) throw new Error(`no write of the ${role}`)
    const one = fixture.begin(write, ends)
    t.equal((await one.ask('k')).status, write.success, `${operation}: the look is not held`)
    for (const [operation, write] of others) {
      const other = fixture.begin(write, [])
      for (const key of [null, 'k']) {
        const { status, json, headers } = await other.ask(key)
        t.match({ status, json }, { status: 503, json: { code: 'UPSTREAM_THROTTLED' } }, operation)
        const seconds = Number(headers.get('retry-after'))
        t.ok(seconds > 60 && seconds <= 120, String(seconds))
      }
      t.same({ sends: other.sends, effects: other.effects }, { sends: 0, effects: 0 }, operation)
    }
  }
  await fixture.quiet()
})
