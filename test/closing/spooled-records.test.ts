import { tmpdir } from 'node:os'
import t from 'tap'
import { IdIndex } from '../../src/closing/id-index.ts'
import { SpooledRecords, type RecordToClose } from '../../src/closing/spooled-records.ts'
import { createSpool } from '../../src/streaming/spool.ts'
import { randomFrom } from '../uploads/wire.ts'
import { idOf } from './fixture.ts'

const WORDS = { tooMany: '', noRoom: '' }
const odd = (n: number): RecordToClose => ({
  id: idOf(n),
  externalBillingId: n % 3 === 0 ? null : `é€😀\n"${'x'.repeat(n % 250)}`,
  externalBillingNote: n % 5 === 0 ? null : n % 7 === 0 ? '' : '\\n\u0001'
})

async function all (records: SpooledRecords, from = 0): Promise<RecordToClose[]> {
  const list: RecordToClose[] = []
  for await (const block of records.read(from)) list.push(...block)
  return list
}

t.test('records are read in order, from any index, and one by one', async (t) => {
  const place = await createSpool(tmpdir(), 1, WORDS).open()
  t.teardown(place.close)
  const records = new SpooledRecords(place)
  const wanted: RecordToClose[] = []
  for (let n = 0; n < 3000; n++) {
    wanted.push(odd(n))
    records.append(odd(n))
    if (records.isFull || n % 700 === 5) await records.flush()
  }
  t.equal(records.count, 3000)
  t.same(await all(records), wanted)
  for (const from of [1, 63, 64, 65, 700, 1501, 2999, 3000]) {
    t.same(await all(records, from), wanted.slice(from), `from ${from}`)
  }
  const random = randomFrom(1)
  for (let i = 0; i < 500; i++) {
    const index = Math.floor(random() * 3000)
    if (JSON.stringify(await records.at(index)) !== JSON.stringify(wanted[index])) t.fail(`at ${index}`)
  }
  await t.rejects(records.at(3000), RangeError)
})

t.test('records can be added after a read', async (t) => {
  const place = await createSpool(tmpdir(), 1, WORDS).open()
  t.teardown(place.close)
  const records = new SpooledRecords(place)
  const wanted: RecordToClose[] = []
  for (let n = 0; n < 200; n++) {
    wanted.push(odd(n))
    records.append(odd(n))
    t.same(await records.at(Math.floor(n / 2)), odd(Math.floor(n / 2)))
    t.same(await records.at(n), odd(n))
    if (n % 50 === 0) t.same(await all(records), wanted)
  }
  t.same(await all(records, 130), wanted.slice(130))
  const empty = new SpooledRecords(place)
  t.same([empty.count, await all(empty)], [0, []])
})

t.test('ids are found, also ids with equal hashes, and more ids than announced', async (t) => {
  const random = randomFrom(7)
  const list = Array.from({ length: 400_000 }, (_, n) => `${random().toString(36)}${n}`)
  let asked = 0
  const index = new IdIndex(300_000, async (at) => {
    asked += 1
    return list[at] ?? ''
  })
  for (const [at, id] of list.entries()) {
    const found = index.add(id, at)
    if (found !== null && await found !== null) t.fail(`${id} is new`)
  }
  t.ok(asked > 0, `${asked} ids of the same hash as another`)
  for (let at = 0; at < list.length; at += 997) {
    const id = list[at] ?? ''
    t.equal(await index.find(id), at)
    t.equal(await index.add(id, 7), at)
  }
  t.equal(await index.find('UR-0'), null)
})

t.test('a million ids take five bytes each, and a search takes microseconds', async (t) => {
  const before = process.memoryUsage().arrayBuffers
  const startedAt = process.cpuUsage()
  const index = new IdIndex(1_000_000, async at => idOf(at))
  for (let n = 0; n < 1_000_000; n++) {
    const found = index.add(idOf(n), n)
    if (found !== null) await found
  }
  const { user } = process.cpuUsage(startedAt)
  t.ok(process.memoryUsage().arrayBuffers - before <= 5_100_000, `${process.memoryUsage().arrayBuffers - before} bytes`)
  t.ok(user < 6_000_000, `${user} µs`)
  t.equal(await index.find(idOf(999_999)), 999_999)
})
