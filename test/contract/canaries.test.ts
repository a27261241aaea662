import t from 'tap'
import { mapAtMost } from '../../src/limits/semaphore.ts'
import { webhookToken } from '../credentials.ts'
import { CONNECT } from './canary-connect.ts'
import { startFixture } from './canary-fixture.ts'
import { BILLING, keyOf, MARKS, storage, tokens } from './canary-marks.ts'
import { STORAGE } from './canary-storage.ts'
import { AT_ONCE, operations, roleOf, testConnect, testStorage } from './canary-tests.ts'

/** The faults of Connect and of its storage are in canaries-of-faults.test.ts. */
t.test('no operation tells a secret when Connect works', async (t) => { await testConnect(t, 'works') })

t.test('no download tells a secret when the storage works', async (t) => { await testStorage(t, 'works') })

t.test('no refused operation tells a secret', async (t) => {
  const fixture = await startFixture(t, CONNECT['works']!)
  storage.serve = STORAGE['works']!
  const headers: Record<string, string>[] = [
    {},
    { 'x-api-key': 'canary-key-unknown' },
    { authorization: `ApiKey SU-100-200-300:${MARKS.token}` },
    { 'x-api-key': `ApiKey SU-100-200-300:${MARKS.token}` },
    { authorization: `Basic ${MARKS.key}` },
    { authorization: `Bearer ${tokens.vendor}x` },
    { authorization: `Bearer ${MARKS.webhook}` },
    { authorization: `Bearer ${webhookToken({ note: MARKS.webhook }, MARKS.webhook)}` },
    { authorization: `Bearer ${tokens.vendor}`, 'x-api-key': keyOf('vendor') }
  ]
  await mapAtMost(operations, AT_ONCE, async (one) => {
    for (const wrong of headers) await fixture.ask(one, wrong)
    const mine = { 'x-api-key': keyOf(roleOf(one)) }
    await fixture.ask(one, { 'x-api-key': keyOf(roleOf(one) === 'vendor' ? 'provider' : 'vendor') })
    await fixture.ask(one, mine, { query: `?sig=${MARKS.signature}&token=${MARKS.token}` })
    if (one.method !== 'GET') {
      for (const body of [
        `{"note":"${BILLING.note}","x":"${MARKS.content}`,
        `{"unknownField":"${MARKS.content}"}`,
        `["${MARKS.content}"]`,
        MARKS.content
      ]) { await fixture.ask(one, mine, { body }) }
      await fixture.ask(one, { ...mine, 'content-type': `text/plain; x=${MARKS.content}` })
    }
  })
  await fixture.verify()
})
