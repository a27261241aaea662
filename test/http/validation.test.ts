import t from 'tap'
import { asProvider, asVendor, makeApp } from '../helper.ts'
import { documentOf, operationsOf, type Json } from '../contract/document.ts'

const ID = 'UF-2026-11-4410-7719'
const RECORD = 'UR-2026-11-4410-7719-0001-0001'
const period = { from: '2026-10-01', to: '2026-10-31' }
const header = { name: 'October', productId: 'PRD-113-628-780', contractId: 'CRD-90574-88738-44763', period }
const { app } = await makeApp(t, { connect: { stats: () => ({}), close: async () => {} } as never })

/** The faults of a request, by path. */
async function faults (method: string, url: string, payload?: object): Promise<Record<string, string>> {
  const headers = /accept|reject|close|chunks|rules/.test(url) && method !== 'GET' ? asProvider : asVendor
  const answer = await app.inject({ method: method as 'GET', url, headers, ...(payload !== undefined && { payload }) })
  const { code, errors } = answer.json<{ code: string, errors?: { path: string, message: string }[] }>()
  t.match([answer.statusCode, code], [400, 'VALIDATION_FAILED'], `${method} ${url}`)
  return Object.fromEntries((errors ?? []).map(({ path, message }) => [path, message]))
}

t.test('a value that does not match a pattern is explained in words', async (t) => {
  t.same(await faults('GET', '/v1/usage-files/42'), { 'path.fileId': 'must be an id such as UF-2026-09-1512-0016' })
  t.same(await faults('GET', '/v1/products/x/usage-rules/y'), {
    'path.productId': 'must be an id such as PRD-276-377-545',
    'path.ruleId': 'must be an id such as UIR-276-377-001'
  })
  t.same(await faults('GET', '/v1/usage-files?createdAfter=yesterday'), {
    'query.createdAfter': 'must be an ISO 8601 date or date-time'
  })
  t.same(await faults('POST', '/v1/usage-files', { ...header, period: { from: '1.10.2026', to: '' } }), {
    'body.period.from': 'must be an ISO 8601 date or date-time',
    'body.period.to': 'must be an ISO 8601 date or date-time'
  })
  t.same(await faults('POST', `/v1/usage-files/${ID}/reject`, { note: ' \n ' }), { 'body.note': 'must not be blank' })
  t.same(await faults('POST', `/v1/usage-files/${ID}/reject`, { note: '' }), { 'body.note': 'must not be empty' })
  t.same(await faults('POST', `/v1/usage-records/${RECORD}/close`, { externalBillingId: '\t' }), {
    'body.externalBillingId': 'must not be blank, or begin or end with white space'
  })
  t.same(await faults('PATCH', '/v1/products/PRD-113-628-780/usage-rules/UIR-276-377-001', { afterRuleId: 'first' }), {
    'body.afterRuleId': 'must be an id such as UIR-276-377-002'
  })
  t.same(await faults('PATCH', `/v1/usage-files/${ID}`, {}), { body: 'must have a field' })
  t.same(await faults('POST', `/v1/usage-files/${ID}/submit`, { note: 'x' }), { body: 'must be empty' })
})

t.test('an unknown query parameter is refused', async (t) => {
  const unknown = { 'query.x': 'is not known here' }
  const billing = { externalBillingId: 'INV-1' }
  t.same(await faults('GET', '/v1/usage-files?x=1'), unknown)
  t.same(await faults('GET', `/v1/usage-records/${RECORD}?x=1`), unknown)
  t.same(await faults('POST', '/v1/usage-files?x=1', header), unknown)
  t.same(await faults('POST', `/v1/usage-files/${ID}/submit?x=1`), unknown)
  t.same(await faults('POST', `/v1/usage-records/${RECORD}/close?x=1`, billing), unknown)
  t.same(await faults('POST', '/v1/usage-records/close?x=1', { ...billing, records: [{ id: RECORD }] }), unknown)
  t.same(await faults('POST', `/v1/usage-files/${ID}/records/close?x=1`, billing), unknown)
})

t.test('text with control characters or half characters is refused, in bodies and queries', async (t) => {
  const message = 'cannot hold control characters other than tab and line breaks, or half a character'
  for (const bad of [
    '\0',
    'a\u0001b',
    'a\u001b[31m',
    '\u000b',
    '\u001f',
    'half \ud83d',
    '\ude00 half',
    '\udc00\ud800'
  ]) {
    t.same(
      await faults('POST', '/v1/usage-files', { ...header, name: `x${bad}x`, note: bad, externalId: `x${bad}x` }),
      { 'body.name': message, 'body.note': message, 'body.externalId': message },
      JSON.stringify(bad)
    )
    t.same(await faults('POST', '/v1/usage-files', { ...header, productId: `x${bad}x` }), { 'body.productId': message })
    t.same(await faults('PATCH', `/v1/usage-files/${ID}`, { description: bad }), { 'body.description': message })
    t.same(await faults('POST', `/v1/usage-files/${ID}/accept`, { note: bad }), { 'body.note': message })
    t.same(await faults('POST', `/v1/usage-files/${ID}/reject`, { note: `x${bad}` }), { 'body.note': message })
    t.same(
      await faults('POST', `/v1/usage-records/${RECORD}/close`, { externalBillingId: 'x', externalBillingNote: bad }),
      { 'body.externalBillingNote': message }
    )
    t.same(await faults('PATCH', '/v1/usage-chunks/UFC-2026-11-4410-7719-001', { externalId: `x${bad}x` }), {
      'body.externalId': message
    })
    t.same(
      await faults('POST', '/v1/products/PRD-113-628-780/usage-rules', { itemId: 'i', action: 'accept', rule: bad }),
      { 'body.rule': message }
    )
  }
  t.same(await faults('GET', '/v1/usage-records?assetExternalId=P,%1b&assetExternalUid=a%00b'), {
    'query.assetExternalId.1': message,
    'query.assetExternalUid.0': message
  })
  t.same(await faults('GET', '/v1/usage-records?assetExternalId=%07'), { 'query.assetExternalId.0': message })
})

t.test('tabs, line breaks and all whole characters are passed on unchanged', async (t) => {
  const sent: unknown[] = []
  const { app } = await makeApp(t, {
    connect: {
      stats: () => ({}),
      close: async () => {},
      usageFiles: {
        create: async (body: object) => {
          sent.push(body)
          return { ...body, id: ID, status: 'draft', records: {} }
        }
      }
    } as never
  })
  const note = 'a\tb\r\nc \u007f\u0085 \ufeff\ufffe 😀 é e\u0301 "\' \u2028'
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/usage-files',
    headers: asVendor,
    payload: { ...header, note }
  })
  t.match(answer.json(), { note })
  t.match(sent, [{ note }])
})

t.test('every pattern of a request has its explanation', async (t) => {
  const found: string[] = []
  const look = (schema: unknown, where: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    const { pattern, 'x-pattern-message': words } = schema as Json
    if (typeof pattern === 'string') {
      found.push(where)
      t.match(words, /^must [\w ,-]+/, where)
    }
    for (const [name, value] of Object.entries(schema)) look(value, `${where}.${name}`)
  }
  for (const one of operationsOf(await documentOf(app))) {
    for (const parameter of one.operation.parameters ?? []) {
      look(parameter.schema, `${one.method} ${one.path} ${parameter.name}`)
    }
    for (const [type, media] of Object.entries(one.operation.requestBody?.content ?? {})) {
      look(media.schema, `${one.method} ${one.path} ${type}`)
    }
  }
  t.ok(found.length > 40, 'the patterns were found')
})

t.test('ids and names must not begin or end with white space', async (t) => {
  const message = 'must not be blank, or begin or end with white space'
  const padded = [' INV-1', 'INV-1 ', 'INV-1\t', '\u00a0INV-1', 'INV-1\u0085', '\u3000', ' ']
  const unseen = ['\u200b', '\u2060\u00ad']
  for (const value of [...padded, ...unseen]) {
    t.same(
      await faults('POST', `/v1/usage-records/${RECORD}/close`, { externalBillingId: value }),
      { 'body.externalBillingId': message },
      JSON.stringify(value)
    )
    for (const name of ['name', 'externalId', 'productId', 'contractId']) {
      t.same(
        await faults('POST', '/v1/usage-files', { ...header, [name]: value }),
        { [`body.${name}`]: message },
        `${name} ${JSON.stringify(value)}`
      )
    }
    t.same(await faults('PATCH', `/v1/usage-files/${ID}`, { externalId: value }), { 'body.externalId': message })
    t.same(await faults('PATCH', '/v1/usage-chunks/UFC-2026-11-0000-0001-001', { externalId: value }), {
      'body.externalId': message
    })
    t.same(await faults('POST', '/v1/usage-chunks/UFC-2026-11-0000-0001-001/close', { externalBillingId: value }), {
      'body.externalBillingId': message
    })
  }
})

t.test('a time that its offset moves out of the years 0 to 9999 is refused', async (t) => {
  for (const [from, to] of [
    ['0000-01-01T00:00:00+14:00', '2026-10-31'],
    ['2026-10-01', '9999-12-31T23:59:59-14:00']
  ] as const) {
    const paths = Object.keys(await faults('POST', '/v1/usage-files', { ...header, period: { from, to } }))
    t.match(paths.join(), from.startsWith('0') ? 'body.period.from' : 'body.period.to')
  }
})
