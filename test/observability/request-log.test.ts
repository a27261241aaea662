import t from 'tap'
import { asVendor, startApp, startUpstream, testCallers, until, VENDOR_KEY } from '../helper.ts'
import { formOf, MIB, workbookOf } from '../uploads/forms.ts'
import { FILE_ID, startFixture, UPLOAD } from '../uploads/fixture.ts'
import { connectTo } from '../uploads/wire.ts'

const lines = (logs: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  logs.filter(({ msg }) => msg === 'request')

t.test('every request leaves one line', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  const form = formOf({ file: workbookOf(1000) })
  await client.sendHead({
    path: UPLOAD,
    headers: {
      'content-type': 'multipart/form-data; boundary=b0undary',
      'content-length': String(form.length),
      'x-request-id': 'logged-request-1'
    }
  })
  await client.sendBody(form)
  await client.answer()
  await client.sendHead({ method: 'GET', path: '/v1/nowhere?secret=canary' })
  await client.answer()
  await client.sendHead({ method: 'GET', path: '/v1/usage-files/%zz?secret=canary' })
  const refused = await client.answer()
  await until(() => lines(fixture.logs).length === 3, 'three lines')
  const [upload, unmatched, unreadable] = lines(fixture.logs)
  t.match(upload, {
    requestId: 'logged-request-1',
    traceId: /^[0-9a-f]{32}$/,
    caller: 'test-vendor',
    account: 'vendor',
    method: 'POST',
    route: '/v1/usage-files/:fileId/upload',
    operation: 'uploadUsageFile',
    status: 202,
    complete: true,
    ms: Number,
    upstreamCalls: 3,
    upstreamAttempts: 3,
    upstreamMs: Number,
    upstreamLast: 'usageFiles.get 200'
  })
  const head = Number(upload?.['bytesIn']) - form.length
  t.ok(head > 100 && head < 1_000, `${head} bytes of head`)
  t.ok(Number(upload?.['bytesOut']) > 300, 'and bytes of an answer')
  t.match(unmatched, { method: 'GET', status: 404, code: 'NOT_FOUND' })
  t.notOk('route' in unmatched!)
  t.ok(Number(unmatched?.['bytesIn']) < 500, 'of this request alone')
  t.match(unreadable, {
    method: 'GET',
    status: 400,
    code: 'VALIDATION_FAILED',
    requestId: refused.headers['x-request-id'],
    bytesOut: Number
  })
  t.notMatch(JSON.stringify(fixture.logs), /canary/)
})

t.test('a call with a retry counts as one call', async (t) => {
  let count = 0
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    count += 1
    response
      .writeHead(count === 1 ? 503 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: FILE_ID, status: 'draft' }))
  })
  const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  await app.inject({ url: `/v1/usage-files/${FILE_ID}`, headers: asVendor })
  t.match(lines(logs), [{ upstreamCalls: 1, upstreamAttempts: 2, upstreamLast: 'usageFiles.get 200' }])
  t.notOk('bytesIn' in lines(logs)[0]!, 'an injected request has no wire')
})

t.test('a caller that leaves has one line, too', async (t) => {
  const fixture = await startFixture(t)
  const form = formOf({ file: workbookOf(MIB) })
  for (const given of [500, form.length - 4]) {
    fixture.logs.length = 0
    const client = await fixture.client()
    await client.sendHead({
      path: UPLOAD,
      headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(form.length) }
    })
    await client.sendBody(form.subarray(0, given))
    client.socket.resetAndDestroy()
    await until(() => lines(fixture.logs).length > 0, 'the line')
    await fixture.quiet()
    t.match(lines(fixture.logs), [{ operation: 'uploadUsageFile', status: 499, complete: false }])
    t.equal(lines(fixture.logs).length, 1)
  }
  let isAsked = false
  const { baseUrl } = await startUpstream(t, () => { isAsked = true })
  const { port, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const reader = await connectTo(t, port)
  await reader.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
  await until(() => isAsked, 'the call')
  reader.socket.destroy()
  await until(() => lines(logs).length > 0, 'the line')
  t.match(lines(logs), [{ operation: 'getUsageFile', status: 499 }])
})

t.test('no line and no answer holds a secret', async (t) => {
  const token = 'SU-100-200-300:canary-token'
  const link = 'https://storage.googleapis.com/b/usage.xlsx?Signature=canary-signature&sig=canary-sig'
  const callers = testCallers()
  const entries = callers.entries.map(entry => ({ ...entry, account: { ...entry.account, apiKey: `ApiKey ${token}` } }))
  const scripts: Record<
    string,
    (text: (status: number, body: string, type?: string) => void, cut: () => void) => void
  > = {
    'echoes our header': text => {
      text(
        400,
        JSON.stringify({ error_code: 'VAL_001', errors: [`bad Authorization: ApiKey ${token}`, `see ${link}`] })
      )
    },
    'an envelope of its own': text => {
      text(403, JSON.stringify({ detail: `ApiKey ${token}`, errors: [link] }))
    },
    'a page': text => {
      text(500, `<html>ApiKey ${token} ${link}</html>`, 'text/html')
    },
    'broken JSON': text => {
      text(200, `{"usage_file_uri":"${link}","x":"ApiKey ${token}`)
    },
    'a list': text => {
      text(200, `["${link}"]`)
    },
    nothing: (_text, cut) => {
      cut()
    },
    'a refused credential': text => {
      text(401, JSON.stringify({ errors: [`ApiKey ${token}`] }))
    },
    'a throttle': text => {
      text(429, JSON.stringify({ errors: [`ApiKey ${token}`] }))
    },
    'a link to nowhere': text => {
      text(
        200,
        JSON.stringify({
          id: FILE_ID,
          status: 'ready',
          usage_file_uri: link.replace('storage.googleapis.com', '127.0.0.1:9'),
          processed_file_uri: link,
          reconciliation_file_uri: link
        })
      )
    }
  }
  let script = scripts['nothing']
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    request.on('end', () => {
      script?.(
        (status, body, type = 'application/json') => {
          response
            .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), location: link })
            .end(body)
        },
        () => {
          request.socket.destroy()
        }
      )
    })
  })
  const raw: string[] = []
  const { app, port } = await startApp(t, {
    callers: { entries },
    env: { CONNECT_BASE_URL: baseUrl, LOG_LEVEL: 'trace' },
    logStream: {
      write: line => {
        raw.push(line)
      }
    }
  })
  const answers: string[] = []
  const json = { 'content-type': 'application/json' }
  const billing = { externalBillingId: 'canary-free' }
  for (const name of Object.keys(scripts)) {
    script = scripts[name]
    const requests = [
      ['GET', `/v1/usage-files/${FILE_ID}`, null],
      ['GET', '/v1/usage-files?name=x', null],
      ['GET', '/v1/usage-records', null],
      ['GET', `/v1/usage-files/${FILE_ID}?include=categories,chunks,reconciliations`, null],
      ['GET', `/v1/usage-files/${FILE_ID}/files/uploaded`, null],
      ['GET', `/v1/usage-files/${FILE_ID}/files/processed`, null],
      ['POST', `/v1/usage-files/${FILE_ID}/submit`, null],
      ['POST', `/v1/usage-files/${FILE_ID}/upload`, null],
      ['PATCH', `/v1/usage-files/${FILE_ID}`, { note: 'n' }],
      ['DELETE', `/v1/usage-files/${FILE_ID}`, null],
      ['POST', '/v1/usage-records/UR-2026-11-0000-0001-0001/close', billing]
    ] as const
    await Promise.all(requests.map(async ([method, path, body]) => {
      const isUpload = path.endsWith('/upload')
      const payload = isUpload ? formOf({ file: workbookOf(500) }) : body === null ? undefined : JSON.stringify(body)
      const answer = await app.inject({
        method,
        url: path,
        ...(payload !== undefined && { payload }),
        headers: {
          ...asVendor,
          ...(isUpload ? { 'content-type': 'multipart/form-data; boundary=b0undary' } : body === null ? {} : json),
          cookie: 'a=canary-cookie'
        }
      })
      answers.push(answer.payload, JSON.stringify(answer.headers))
    }))
  }
  for (const headers of [
    { 'x-api-key': 'canary-unknown-key' },
    { authorization: 'ApiKey SU-1:canary-header' },
    { authorization: 'Bearer canary-bearer' },
    { ...asVendor, authorization: 'Bearer canary-bearer' }
  ]) {
    const answer = await app.inject({ url: '/v1/usage-files?x-api-key=canary-query', headers })
    answers.push(answer.payload, JSON.stringify(answer.headers))
  }
  for (const request of [
    'GET /v1/usage-files/%zz?sig=canary-sig HTTP/1.1\r\nhost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nx-api-key canary-malformed\r\n\r\n',
    `GET / HTTP/1.1\r\nx-api-key: ${'canary'.repeat(4_000)}\r\n\r\n`
  ]) {
    const client = await connectTo(t, port)
    await client.send(request)
    answers.push((await client.answer()).text)
  }
  const text = raw.join('') + answers.join('\n')
  const found =
    /.{0,80}(?:canary-(?:token|signature|sig|bearer|cookie|unknown|header|query|malformed)|canarycanary).{0,40}/.exec(
      text
    )?.[0]
  t.equal(found, undefined)
  t.notOk(text.includes(VENDOR_KEY))
  t.ok(raw.length > 90, 'there were lines to look at')
  t.ok(answers.length > 200, 'and answers')
})
