import t from 'tap'
import { after, before } from './write-ends.ts'
import { startWritesFixture, type Case, type End } from './writes-fixture.ts'
import { FILE_WRITES, OTHER_WRITES, UPLOADS } from './writes.ts'

/** Connect, or a cache before it, mixes answers up: well-formed, of a status that looks done, and another object. */
const another: End['answer'] = ({ json }) =>
  json(200, { id: 'UF-2026-11-9999-9999', status: 'closed', records: {}, usagefile: { id: 'UF-1' } })

/** Connect shows the object that it made under an id that cannot be in a path. */
const withOddId: End['answer'] = ({ json }) => json(201, { id: '\ud800<b>\r\n', name: 'October', status: 'draft' })

const writes = Object.entries({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS }).filter(
  ([name]) => !name.startsWith('create')
)

t.test('a write that Connect answers with another object is read back', async (t) => {
  const fixture = await startWritesFixture(t)
  const ask = async (
    ends: readonly End[],
    name: string,
    write: Parameters<typeof fixture.begin>[0]
  ): Promise<Case & { code: unknown; status: number }> => {
    const one = fixture.begin(write, ends)
    const { status, json } = await one.ask('k')
    t.notMatch(JSON.stringify(json), /9999/, name)
    return { ...one, sends: one.sends, effects: one.effects, status, code: json['code'] }
  }
  for (const [name, write] of writes) {
    const done = await ask([after(another)], name, write)
    t.match(
      done,
      write.isTold ? { status: write.success, effects: 1, sends: 1 } : { status: 504, effects: 1, sends: 1 },
      `${name}, done`
    )
    const undone = await ask([before(another)], name, write)
    t.match(undone, { status: 504, code: 'OUTCOME_UNKNOWN', effects: 0, sends: 1 }, `${name}, not done`)
  }
  await fixture.quiet()
})

t.test('a create that Connect answers with an unknown id is read back', async (t) => {
  const fixture = await startWritesFixture(t)
  for (const [name, write] of Object.entries({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS })) {
    if (!name.startsWith('create')) continue
    const one = fixture.begin(write, [after(withOddId)])
    const { status, json, headers } = await one.ask('k')
    t.match({ status, effects: one.effects, sends: one.sends }, {
      status: write.isTold ? write.success : 504, effects: 1, sends: 1
    }, name)
    t.notMatch(JSON.stringify([json, headers]), /<b>|ud800/, name)
  }
  await fixture.quiet()
})
