import t from 'tap'
import { documentOf, operationsOf } from '../contract/document.ts'
import { makeApp } from '../helper.ts'
import { FAULTS } from './write-ends.ts'
import { startWritesFixture } from './writes-fixture.ts'
import { FILE_WRITES, OTHER_WRITES, UPLOADS } from './writes.ts'

t.test('the tables hold every operation that changes something, except bulk closes', async (t) => {
  const { app } = await makeApp(t)
  const documented = operationsOf(await documentOf(app))
    .filter(({ method }) => method !== 'GET')
    .map(({ operation }) => operation.operationId)
    // A check and a conversion of rows are POSTs that change nothing.
    .filter(name => !['checkUsage', 'checkUsageOfFile', 'convertUsage'].includes(name ?? ''))
    // It makes the service look sooner, and changes nothing either.
    .filter(name => name !== 'receiveConnectWebhook')
    // A sequence of writes that are listed: test/routes/usage-reports has its faults.
    .filter(name => name !== 'publishUsageReport')
  const listed = Object.keys({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS }).filter(
    name => name !== 'createUsageFileWithoutExternalId'
  )
  t.same([...listed, 'closeUsageRecords', 'closeUsageFileRecords'].sort(), documented.sort())
})

t.test('without a key a write is sent again only when the object proves that nothing was done', async (t) => {
  const fixture = await startWritesFixture(t)
  for (const [operation, write] of Object.entries({ ...FILE_WRITES, ...OTHER_WRITES, ...UPLOADS })) {
    for (const [name, isSentAgain] of [
      ['500 before', write.resends !== 'never' && write.needsKey === undefined],
      ['500 after', false],
      ['reset before', false],
      ['reset after', false]
    ] as const) {
      const { kind, ends } = FAULTS[name] ?? (t.fail(name) as never)
      const one = fixture.begin(write, ends)
      const { status } = await one.ask(null)
      const isDone = ends[0]?.acts === true
      const expected = !write.isTold ? 504 : isDone || isSentAgain ? write.success : kind === 'failure' ? 502 : 504
      t.same(
        { status, sends: one.sends, effects: one.effects },
        { status: expected, sends: isSentAgain ? 2 : 1, effects: isDone || isSentAgain ? 1 : 0 },
        `${operation}, ${name}`
      )
    }
  }
  await fixture.quiet()
})
