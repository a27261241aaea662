import t from 'tap'
import { repeatedMember } from '../../src/limits/repeated-member.ts'
import { asProvider, asVendor, makeApp } from '../helper.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { documentOf, follow, operationsOf } from '../contract/document.ts'

const RECORD = 'UR-2026-11-4410-7719-0001-0001'
const { app } = await makeApp(t, { connect: fakeConnect({}).connect })

/** What a body is answered; Connect would throw, so nothing was sent where this is a problem of the caller's. */
async function send (method: string, url: string, payload: string | Buffer, type = 'application/json') {
  const headers = /usage-files/.test(url) && !/accept|reject|close/.test(url) ? asVendor : asProvider
  const answer = await app.inject({
    method: method as 'POST',
    url,
    payload,
    headers: { ...headers, 'content-type': type }
  })
  return answer.json<{ status: number, code: string, errors?: { path: string, message: string }[] }>()
}

const READ_BY_THEMSELVES =
  /(?:records\/close|check|upload|usage-workbook|reconciliations?|usage-reports\/\{externalId\})$/

t.test('every operation that takes JSON refuses a member that comes twice', async (t) => {
  t.match(
    await send('POST', `/v1/usage-records/${RECORD}/close`, '{"externalBillingId":"A","externalBillingId":"B"}'),
    {
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'body.externalBillingId', message: 'must be given once' }]
    }
  )
  let operations = 0
  const document = await documentOf(app)
  for (const { method, path, operation } of operationsOf(document)) {
    const media = operation.requestBody?.content?.['application/json']
    const schema = follow(document, media?.schema ?? {}) as { properties?: Record<string, unknown> }
    // Closing many and what takes rows read their bodies themselves.
    if (schema.properties === undefined || READ_BY_THEMSELVES.test(path)) continue
    // The service uses nothing of the body of a webhook.
    if (operation.operationId === 'receiveConnectWebhook') continue
    const [name = ''] = Object.keys(schema.properties)
    const url = path
      .replace('{fileId}', 'UF-2026-11-4410-7719')
      .replace('{recordId}', RECORD)
      .replace('{chunkId}', 'UFC-2026-11-4410-7719-001')
      .replace('{productId}', 'PRD-113-628-780')
      .replace('{ruleId}', 'UIR-276-377-001')
    t.match(
      await send(method.toUpperCase(), url, `{"${name}":"x", "${name}" : "x"}`),
      { status: 400, errors: [{ path: `body.${name}`, message: 'must be given once' }] },
      `${method} ${path}`
    )
    operations += 1
  }
  t.ok(operations >= 9, `${operations} operations`)
})

t.test('the error names the member that comes twice', async (t) => {
  const cases: [string, string | null][] = [
    ['{}', null],
    ['null', null],
    ['5', null],
    ['"a:a"', null],
    ['{"a":1,"b":1}', null],
    ['{"a":{"a":{"a":1}}}', null],
    ['{"a":"a","b":"a"}', null],
    ['{"a":"y",":b":1,",":"x"}', null],
    ['{"a":"\\"a\\":1"}', null],
    ['{"a":"{","b":{"a":"}"}}', null],
    ['[{"a":1},{"a":1}]', null],
    ['{"a":[{"b":1},{"b":1}],"b":1}', null],
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":1}', 'a'],
    ['{"period":{"from":1,"to":2,"from":3}}', 'period.from'],
    ['{"a":{"a":1},"a":1}', 'a'],
    ['{"a":{"b":1},"b":1,"c":{},"b":1}', 'b'],
    ['{"a":[[{"b":1,"b":1}]]}', 'a.b'],
    ['{"":1,"":1}', ''],
    ['{"a\\\\":1,"a\\\\":1}', 'a\\']
  ]
  for (const [text, found] of cases) {
    JSON.parse(text)
    t.equal(repeatedMember(text), found, text)
  }
  const nested = (depth: number, value: string): string => `${'{"a":['.repeat(depth)}${value}${']}'.repeat(depth)}`
  t.equal(repeatedMember(nested(50_000, '1')), null, 'deeper than any body')
  t.equal(repeatedMember(nested(50, '{"b":1,"b":1}')), `${'a.'.repeat(50)}b`, 'at any depth')
  t.equal(repeatedMember(`{"a":${nested(50, '1')},"b":1,"b":1}`), 'b', 'after a deep value')
  t.equal(repeatedMember(`{"a":"${'\\n'.repeat(500_000)}","a":1}`), 'a', 'long texts')
})

t.test('a JSON body must be UTF-8', async (t) => {
  const url = `/v1/usage-records/${RECORD}/close`
  const body = '{"externalBillingId":"\u00fc","x":1}'
  for (const charset of ['iso-8859-1', '"ISO-8859-15"', 'utf-16', 'latin1']) {
    t.match(
      await send('POST', url, Buffer.from(body, 'latin1'), `application/json; charset=${charset}`),
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
      charset
    )
  }
  for (const charset of ['utf-8', '"UTF-8"', 'utf8', 'us-ascii']) {
    t.match(
      await send('POST', url, body, `application/json;charset=${charset}`),
      { errors: [{ path: 'body.x' }] },
      charset
    )
  }
  t.match(
    await send('POST', url, Buffer.from(body, 'latin1')),
    { status: 400, code: 'MALFORMED_BODY' },
    'bytes that are not UTF-8 would become another id'
  )
})

t.test('lengths count characters, as the document says', async (t) => {
  const url = `/v1/usage-records/${RECORD}/close`
  const close = async (text: string) => await send('POST', url, JSON.stringify({ externalBillingId: text, x: 1 }))
  t.same((await close('😀'.repeat(255))).errors?.map(({ path }) => path), ['body.x'])
  t.ok((await close('😀'.repeat(256))).errors?.some(({ path }) => path === 'body.externalBillingId'))
})

t.test('a body with more members or levels than any request needs is refused before it is parsed', async (t) => {
  const members = (count: number): string =>
    `{${Array.from({ length: count }, (_, n) => `"k${n}":1`).join(',')}}`
  const url = `/v1/usage-records/${RECORD}/close`
  for (const body of [members(90_000), members(1_001), '['.repeat(500_000), `[${'{},'.repeat(100_000)}{}]`]) {
    const answer = await send('POST', url, body)
    t.match(answer, { status: 400, code: 'MALFORMED_BODY', detail: /more members or levels/ }, body.slice(0, 20))
  }
  t.match(await send('POST', url, members(1_000)), { status: 400, code: 'VALIDATION_FAILED' }, 'fewer are named')
})

t.test('members with names of JavaScript are reported as unknown, at every level', async (t) => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
  const required = '"name":"n","productId":"PRD-113-628-780","contractId":"CRD-90574-88738-44763"'
  const period = '"from":"2026-10-01","to":"2026-10-31"'
  for (const name of names) {
    for (const value of ['1', 'null', '{"a":1}', '{"prototype":{"a":1}}']) {
      const member = `"${name}":${value}`
      for (const [text, path] of [
        [`{${required},"period":{${period}},${member}}`, `body.${name}`],
        [`{${required},"period":{${period},${member}}}`, `body.period.${name}`]
      ] as const) {
        const answer = await send('POST', '/v1/usage-files', text)
        t.match(answer, { status: 400, code: 'VALIDATION_FAILED' }, text)
        t.same(answer.errors, [{ path, message: 'is not known here' }], text)
      }
    }
    const query = await app.inject({ url: `/v1/usage-files?${name}=1`, headers: asVendor })
    t.same(query.json<{ errors: unknown }>().errors, [{ path: `query.${name}`, message: 'is not known here' }])
  }
})
