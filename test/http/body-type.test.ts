import t from 'tap'
import { asProvider, asVendor, PROVIDER_KEY, startApp, VENDOR_KEY } from '../helper.ts'
import { documentOf, operationsOf } from '../contract/document.ts'
import { webhookToken } from '../credentials.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { connectTo, type WireAnswer } from '../uploads/wire.ts'

const FORM = 'application/x-www-form-urlencoded'
const TYPES = [FORM, 'text/plain; charset=utf-8', 'text/csv', 'no type', 'application/json; charset=iso-8859-1', '']
const CHUNKED = { 'transfer-encoding': 'chunked' }

const idsIn = (path: string): string => path
  .replace('{fileId}', FILE_ID)
  .replace('{recordId}', 'UR-2026-11-4410-7719-0001-0001')
  .replace('{chunkId}', 'UFC-2026-11-4410-7719-001')
  .replace('{productId}', 'PRD-113-628-780')
  .replace('{ruleId}', 'UIR-276-377-001')

t.test('every operation treats a body without bytes as no body, with any type', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app, port } = await startApp(t, { connect })
  const sent = async (
    method: string, path: string, headers: Record<string, string>
  ): Promise<{ status: number, code: unknown, calls: unknown }> => {
    calls.length = 0
    const role = /usage-files$|upload|submit/.test(path) || (method !== 'POST' && path.includes('usage-files'))
    const client = await connectTo(t, port)
    await client.sendHead({ method, path, headers, key: role ? VENDOR_KEY : PROVIDER_KEY })
    if ('transfer-encoding' in headers) await client.send('0\r\n\r\n')
    const { status, json } = await client.answer()
    await client.closed()
    return { status, code: json['code'], calls: [...calls] }
  }
  let operations = 0
  for (const { method, path, operation } of operationsOf(await documentOf(app))) {
    if (method === 'GET' || method === 'HEAD') continue
    const taken = Object.keys(operation.requestBody?.content ?? {})
    const without = await sent(method, idsIn(path), {})
    // A type that is taken tells where the fields are: rows have them in the query.
    for (const type of TYPES.filter(type => !taken.includes(type))) {
      const what = `${method} ${path} with ${type === '' ? 'no type' : type}`
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
      t.same(await sent(method, idsIn(path), { ...headers, 'content-length': '0' }), without, what)
      t.same(await sent(method, idsIn(path), { ...headers, ...CHUNKED }), without, `${what}, in chunks`)
    }
    t.notOk(taken.includes(FORM))
    if (taken.length === 0) t.not((without.calls as object[]).length, 0, `${method} ${path} asks Connect`)
    operations += 1
  }
  t.ok(operations >= 20, `${operations} operations`)
})

t.test('an action with an empty chunked body calls Connect once, and the connection stays open', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: { submit: () => connectFile('pending'), get: () => connectFile('ready') }
  })
  const { port } = await startApp(t, { connect })
  const client = await connectTo(t, port)
  for (let i = 0; i < 3; i += 1) {
    await client.sendHead({ path: `/v1/usage-files/${FILE_ID}/submit`, headers: { ...CHUNKED, 'content-type': FORM } })
    await client.send('0\r\n\r\n')
    await client.answer()
  }
  t.equal(calls.filter(({ operation }) => operation === 'usageFiles.submit').length, 3)
})

t.test('a refused type is named, together with the types of the document', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app, origin } = await startApp(t, { connect })
  for (const { method, path, operation } of operationsOf(await documentOf(app))) {
    if (method === 'GET' || method === 'HEAD') continue
    const credential = operation.operationId === 'receiveConnectWebhook'
      ? { authorization: `Bearer ${webhookToken()}` }
      : /upload|submit/.test(path) ? asVendor : asProvider
    const answer = await fetch(origin + idsIn(path).replace('{account}', 'vendor'), {
      method, headers: { ...credential, 'content-type': 'text/plain; charset=utf-8' }, body: 'a,b'
    })
    // The provider may not do all of them.
    if (answer.status === 403) continue
    const problem = await answer.json() as { code: string, detail: string }
    const taken = Object.keys(operation.requestBody?.content ?? {})
    t.match([answer.status, problem.code], [415, 'UNSUPPORTED_MEDIA_TYPE'], `${method} ${path}`)
    t.match(problem.detail, 'The Content-Type is text/plain.')
    for (const type of taken) t.match(problem.detail, type)
    if (taken.length === 0) t.match(problem.detail, 'This address takes no body')
    t.equal(
      answer.headers.get(method === 'PATCH' ? 'accept-patch' : 'accept-post'),
      taken.length === 0 ? null : taken.join(', ')
    )
  }
  t.same(calls, [])
})

t.test('bulk closes accept UTF-8 only, as every operation does', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { origin } = await startApp(t, { connect })
  for (const path of ['/v1/usage-records/close', `/v1/usage-files/${FILE_ID}/records/close`]) {
    for (const type of ['application/json; charset=iso-8859-1', 'application/json; charset="UTF-16"']) {
      const answer = await fetch(origin + path, {
        method: 'POST', headers: { ...asProvider, 'content-type': type }, body: '{"externalBillingId":"INV-1"}'
      })
      t.match(
        await answer.json(),
        { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', detail: /iso-8859-1|utf-16/ },
        `${path} with ${type}`
      )
    }
  }
  t.same(calls, [])
})

t.test('CSV in another charset than UTF-8 is refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { origin } = await startApp(t, { connect })
  const answer = await fetch(`${origin}/v1/usage-files/${FILE_ID}/check`, {
    method: 'POST', headers: { ...asVendor, 'content-type': 'text/csv; charset=utf-16' }, body: 'record_id\n1'
  })
  t.match(await answer.json(), { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', detail: /utf-16/ })
  t.same(calls, [])
})

t.test('a caller that announces a refused body and sends no byte of it gets an answer', async (t) => {
  const { connect } = fakeConnect({})
  const { port } = await startApp(t, { connect })
  const answers: WireAnswer[] = []
  for (const headers of [{ ...CHUNKED, 'content-type': FORM }, { ...CHUNKED, expect: '100-continue' }]) {
    const client = await connectTo(t, port)
    await client.sendHead({ path: `/v1/usage-files/${FILE_ID}/upload`, headers })
    let answer = await client.answer()
    if (answer.status === 100) answer = await client.answer()
    answers.push(answer)
    client.socket.destroy()
  }
  t.match(answers, [{ status: 415 }, { status: 415 }])
})
