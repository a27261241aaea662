import t from 'tap'
import { receiveBilling, receiveJson, receiveNdjson, type Defaults } from '../../src/closing/receive-records.ts'
import { asProvider, makeApp } from '../helper.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { bodyOf, ID, line, refusal, take } from './receive-fixture.ts'

t.test('the billing of a whole file is one small object', async (t) => {
  const billing = async (text: string): Promise<Defaults> => await receiveBilling(bodyOf(Buffer.from(text), 'bytes'))
  t.same(await billing(' {"externalBillingId":"INV","externalBillingNote":"n"} '), {
    externalBillingId: 'INV',
    externalBillingNote: 'n'
  })
  t.same(await billing('{"externalBillingId":"INV"}'), { externalBillingId: 'INV', externalBillingNote: null })
  for (const [text, code] of [
    ['', 'MALFORMED_BODY'],
    ['{', 'MALFORMED_BODY'],
    ['[]', 'VALIDATION_FAILED'],
    ['null', 'VALIDATION_FAILED'],
    ['{}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":""}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":"a","id":"b"}', 'VALIDATION_FAILED'],
    ['{"externalBillingId":"a","externalBillingId":"b"}', 'VALIDATION_FAILED']
  ] as const) {
    await t.rejects(billing(text), { code }, text)
  }
})

t.test('a billing id needs a visible character', async (t) => {
  for (const unseen of ['\u200b', '\u200d\u2060', '\u00ad', '\u2800', '\u3164', '\u202e', '\u0080', '\ufeff']) {
    const fault = 'must be a text of 1 to 255 characters'
    const name = JSON.stringify(unseen)
    t.same(
      (await refusal(t, receiveNdjson, line(1, { externalBillingId: unseen }))).errors,
      [`line 1.externalBillingId ${fault}`],
      name
    )
    await t.rejects(receiveBilling(bodyOf(Buffer.from(JSON.stringify({ externalBillingId: unseen })), 'whole')), {
      code: 'VALIDATION_FAILED'
    })
  }
  for (const seen of ['INV\u200b-1', '\u200fא-1', '❤\ufe0f']) {
    const [record] = (await take(receiveNdjson, line(1, { externalBillingId: seen }))).records
    t.equal(record?.externalBillingId, seen)
  }
})

t.test('a billing id must not begin or end with white space', async (t) => {
  for (const padded of [' INV-1', 'INV-1 ', 'INV-1\n', '\u00a0INV-1', 'INV-1\u0085']) {
    const message = 'must not begin or end with white space'
    t.same(
      (await refusal(t, receiveNdjson, line(1, { externalBillingId: padded }))).errors,
      [`line 1.externalBillingId ${message}`],
      JSON.stringify(padded)
    )
    t.same(
      (await refusal(t, receiveJson, JSON.stringify({ records: [{ id: ID }], externalBillingId: padded }))).errors,
      [`body.externalBillingId ${message}`]
    )
    await t.rejects(receiveBilling(bodyOf(Buffer.from(JSON.stringify({ externalBillingId: padded })), 'whole')), {
      code: 'VALIDATION_FAILED'
    })
  }
})

t.test('a bulk close accepts the ids that the close of one record accepts', async (t) => {
  const { app } = await makeApp(t, { connect: fakeConnect({}).connect })
  for (const [id, isRecord] of [
    ['UR-2021-01-2023-8696-9408-6767', true],
    ['UR-2021-1', true],
    ['UR-552-340-461', false],
    ['UR-2021', false],
    ['UR-20211-01-2023', false],
    ['UF-2026-11-0000-0001', false]
  ] as const) {
    // The billing id is missing, so that nothing is sent.
    const { errors } = await refusal(t, receiveJson, `{"records":[{"id":"${id}"}]}`)
    t.equal(errors.includes('records[0].id is not the id of a usage record'), !isRecord, id)
    const url = `/v1/usage-records/${id}/close`
    const one = await app.inject({ method: 'POST', url, headers: asProvider, payload: {} })
    t.equal(/path\.recordId/.test(one.payload), !isRecord, `${id} alone`)
  }
})
