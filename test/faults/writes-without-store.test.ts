import t, { type Test } from 'tap'
import { openStore } from '../../src/store/open-store.ts'
import { StoreUnavailableError, type StateStore } from '../../src/store/store.ts'
import { makeFolder } from '../helper.ts'
import { before } from './write-ends.ts'
import { startWritesFixture } from './writes-fixture.ts'
import { FILE_WRITES, OTHER_WRITES, UPLOADS } from './writes.ts'

const ALL = Object.entries({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS })
const UNAVAILABLE = { status: 503, json: { code: 'STORE_UNAVAILABLE' } }

/** A store some of whose operations fail, until told otherwise. */
async function startFixture (t: Test) {
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const real = await openStore(`file:${makeFolder(t)}`, log)
  const down = new Set<string>()
  const store = new Proxy(real, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown
      if (typeof value !== 'function') return value
      if (down.has(String(name))) return async () => { throw new StoreUnavailableError('down') }
      return value.bind(target) as unknown
    }
  })
  return { ...await startWritesFixture(t, { store }), down }
}

const fail = (down: Set<string>, ...names: (keyof StateStore)[]): void => { for (const name of names) down.add(name) }

t.test('while the store does not answer nothing is sent, with or without a key', async (t) => {
  const { begin, down, quiet, logs } = await startFixture(t)
  for (const [operation, write] of ALL) {
    fail(down, 'begin', 'health')
    const one = begin(write, [])
    for (const key of ['k', null]) {
      const reply = await one.ask(key)
      t.match(reply, UNAVAILABLE, `${operation}, ${String(key)}`)
      t.equal(reply.headers.get('retry-after'), '1')
    }
    t.same([one.sends, one.effects], [0, 0], operation)
    down.clear()
    t.equal((await one.ask('k')).status, write.success, `${operation}, when it is back`)
    t.same([one.sends, one.effects], [1, 1], `${operation}: once`)
  }
  t.same(logs.filter(({ level }) => Number(level) > 50), [])
  await quiet()
})

t.test('when the store is lost before the send nothing is sent, and an upload is cut off', async (t) => {
  const { begin, down, quiet } = await startFixture(t)
  for (const [operation, write] of ALL) {
    fail(down, 'mark')
    const one = begin(write, [])
    t.match(await one.ask('k'), UNAVAILABLE, operation)
    t.same([one.sends, one.effects], [0, 0], operation)
    down.clear()
    t.equal((await one.ask('k')).status, write.success, `${operation}, when it is back`)
    t.same([one.sends, one.effects], [1, 1], `${operation}: once`)
  }
  await quiet()
})

t.test('when the store is lost after the send the result is told, and the write is not repeated', async (t) => {
  const { begin, down, quiet } = await startFixture(t)
  for (const [operation, write] of ALL) {
    const one = begin(write, [before((exchange) => {
      fail(down, 'complete', 'release', 'renew')
      one.actLate(exchange)
    })])
    t.equal((await one.ask('k')).status, write.success, operation)
    down.clear()
    t.match(
      await one.ask('k'),
      { status: 409, json: { code: 'IDEMPOTENCY_IN_FLIGHT' } },
      `${operation}: until its lease is over`
    )
    t.same([one.sends, one.effects], [1, 1], `${operation}: once`)
  }
  await quiet()
})
