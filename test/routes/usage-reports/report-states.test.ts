import t, { type Test } from 'tap'
import { conformsTo } from '../validate-answer.ts'
import {
  fileOf, OTHER_ROWS, outcomes, REFUSED_ROWS, REPORT, ROWS, startReports, type ReportFixture, type Row
} from './fixture.ts'

/** Brings the file of a published report as far as its name says. */
const STATES: Readonly<Record<string, (fixture: ReportFixture, id: string) => Promise<unknown>>> = {
  draft: async () => {},
  invalid: async () => {},
  ready: async () => {},
  rejected: async ({ vendor, provider }, id) => {
    await vendor('POST', `/usage-files/${id}/submit`, null)
    await provider('POST', `/usage-files/${id}/reject`, null, { note: 'No.' })
  },
  pending: async ({ vendor }, id) => await vendor('POST', `/usage-files/${id}/submit`, null),
  accepted: async ({ vendor, provider }, id) => {
    await vendor('POST', `/usage-files/${id}/submit`, null)
    await provider('POST', `/usage-files/${id}/accept`, null)
  },
  closed: async ({ vendor, provider }, id) => {
    await vendor('POST', `/usage-files/${id}/submit`, null)
    await provider('POST', `/usage-files/${id}/accept`, null)
    await provider('POST', `/usage-files/${id}/close`, null)
  }
}

/** What a request gets for a file in each state: with the same rows, and with other rows. */
const EXPECTED: Readonly<Record<string, { same: string, other: string }>> = {
  draft: { same: 'ready, upload done', other: 'ready, upload done' },
  invalid: { same: 'invalid, upload kept', other: 'ready, upload done' },
  ready: { same: 'ready, upload kept', other: 'ready, upload done' },
  rejected: { same: 'rejected, upload kept', other: 'ready, upload done' },
  pending: { same: 'submitted, upload kept', other: 'REPORT_DIFFERS' },
  accepted: { same: 'accepted, upload kept', other: 'REPORT_DIFFERS' },
  closed: { same: 'closed, upload kept', other: 'REPORT_DIFFERS' }
}

async function fileIn (
  fixture: ReportFixture, externalId: string, state: string, rows: readonly Row[]
): Promise<string> {
  if (state !== 'draft') {
    const id = fileOf(await fixture.publish(externalId, { rows })).id
    await STATES[state]?.(fixture, id)
    t.equal(fixture.sandbox.store.files.get(id)?.status, state)
    return id
  }
  const { productId, contractId, ...more } = REPORT
  const body = { ...more, product: { id: productId }, contract: { id: contractId }, external_id: externalId }
  return (await fixture.connectVendor('POST', '/usage/files', body)).json.id
}

t.test('what each state of the file gives', async (t) => {
  const fixture = await startReports(t)
  for (const state of Object.keys(STATES)) {
    for (const isOther of [false, true]) {
      for (const isSubmitted of [false, true]) await testState(t, fixture, { state, isOther, isSubmitted })
    }
  }
})

interface Case { state: string, isOther: boolean, isSubmitted: boolean }

async function testState (
  t: Test, fixture: ReportFixture, { state, isOther, isSubmitted }: Case
): Promise<void> {
  const name = `${state}, ${isOther ? 'other' : 'same'} rows${isSubmitted ? ', submit' : ''}`
  const rows = state === 'invalid' ? REFUSED_ROWS : ROWS
  const id = await fileIn(fixture, name, state, rows)
  const before = fixture.effects(name)
  const answer = await fixture.publish(name, { rows: isOther ? OTHER_ROWS : rows, isSubmitted })
  const expected = EXPECTED[state]?.[isOther ? 'other' : 'same'] ?? ''
  const after = fixture.effects(name)
  t.equal(after.files, 1, name)
  if (expected === 'REPORT_DIFFERS') {
    t.match(answer, { status: 409, json: { code: expected, currentStatus: state, fileIds: [id] } }, name)
    t.ok(conformsTo('Problem', answer.json))
    t.same(after, before, `${name}: nothing was sent`)
    return
  }
  const [told = '', upload = ''] = expected.split(', ')
  const mayBeSubmitted = told === 'ready'
  t.match(answer, { status: 200, json: { state: mayBeSubmitted && isSubmitted ? 'submitted' : told } }, name)
  t.ok(outcomes(answer).includes(upload), name)
  t.equal(after.uploaded - before.uploaded, upload === 'upload done' ? 1 : 0, name)
  t.equal(after.submitted - before.submitted, mayBeSubmitted && isSubmitted ? 1 : 0, name)
  const isKept = ['submitted', 'accepted', 'closed'].includes(told)
  const submit = mayBeSubmitted && isSubmitted ? 'done' : isKept ? 'kept' : 'skipped'
  t.ok(outcomes(answer).endsWith(`submit ${submit}`), name)
}
