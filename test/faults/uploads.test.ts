import t, { type Test } from 'tap'
import { PROVIDER_KEY, until } from '../helper.ts'
import { begin, RECONCILE, UPLOAD_FILE, type UploadOperation } from '../routes/uploads/streaming.ts'
import { formOf, KIB, MIB, parseForm, sha256, workbookOf } from '../uploads/forms.ts'
import { FILE_ID, isWhole, startFixture, type OnUpload, type Fixture } from '../uploads/fixture.ts'
import { SHORT_LIVED, watchLeftovers } from './leftovers.ts'

const RECONCILIATION_ID = 'RCF-2026-11-0000-0001'
const CREATE: UploadOperation = {
  path: '/v1/reconciliations',
  key: PROVIDER_KEY,
  fieldName: 'recon_file',
  connectPath: '/public/v1/usage/reconciliations',
  status: 'accepted'
}
const OPERATIONS = { upload: UPLOAD_FILE, reconcile: RECONCILE, createReconciliation: CREATE }

const answers =
  (status: number, headers: Record<string, string> = {}, isClosing = false): OnUpload =>
    ({ json, socket }) => {
      const body = { error_code: 'VAL_001', errors: ['No.'] }
      json(status, body, { ...(isClosing && { connection: 'close' }), ...headers })
      if (isClosing) socket.end()
    }

interface Early {
  answer: OnUpload
  expected: { status: number, code: string, headers?: Record<string, unknown> }
}

/** What Connect may do while the body is still on its way. */
const EARLY: Readonly<Record<string, Early>> = {
  401: { answer: answers(401), expected: { status: 502, code: 'UPSTREAM_CREDENTIAL' } },
  '403 and FIN': { answer: answers(403, {}, true), expected: { status: 403, code: 'CONNECT_FORBIDDEN' } },
  404: { answer: answers(404), expected: { status: 404, code: 'NOT_FOUND' } },
  '413 and FIN': { answer: answers(413, {}, true), expected: { status: 400, code: 'CONNECT_REJECTED' } },
  429: {
    answer: answers(429, { 'retry-after': '30' }),
    expected: { status: 503, code: 'UPSTREAM_THROTTLED', headers: { 'retry-after': '30' } }
  },
  503: { answer: answers(503), expected: { status: 502, code: 'UPSTREAM_FAILED' } },
  'a success': {
    answer: ({ json }) => json(201, { id: FILE_ID, status: 'uploading' }),
    expected: { status: 502, code: 'UPSTREAM_INVALID' }
  },
  'a redirect': {
    answer: answers(307, { location: 'http://127.0.0.1:9/x' }), expected: { status: 502, code: 'UPSTREAM_INVALID' }
  },
  'something that is not HTTP': {
    answer: ({ raw }) => raw('nonsense\r\n\r\n'),
    expected: { status: 502, code: 'UPSTREAM_INVALID' }
  },
  'headers of 40 KB': {
    answer: answers(400, { 'x-large': 'x'.repeat(40_000) }),
    expected: { status: 502, code: 'UPSTREAM_INVALID' }
  },
  'a refusal that is cut': {
    answer: ({ raw, socket }) => {
      raw('HTTP/1.1 400 X\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
      socket.end()
    },
    expected: { status: 502, code: 'UPSTREAM_RESET' }
  },
  RST: {
    answer: ({ socket }) => {
      socket.resetAndDestroy()
    },
    expected: { status: 502, code: 'UPSTREAM_RESET' }
  },
  FIN: {
    answer: ({ socket }) => {
      socket.end()
    },
    expected: { status: 502, code: 'UPSTREAM_RESET' }
  }
}

// One account has all cases: a 429 of one must not hold the others.
const LIMITS = {
  ...SHORT_LIVED, uploadSilenceMs: 400, retryPauseMinMs: 1, retryPauseMaxMs: 3, maxThrottleSeconds: 0
}

async function startFor (t: Test, operation: UploadOperation): Promise<Fixture> {
  const fixture = await startFixture(t, { limits: LIMITS })
  fixture.file['status'] = operation.status
  return fixture
}

/** The same upload again, to a Connect that takes it: whole, once and byte for byte. */
async function worksNow (
  t: Test, fixture: Fixture, operation: UploadOperation, file: Buffer, what: string
): Promise<void> {
  const before = fixture.uploads().length
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    exchange.json(201, { id: operation === CREATE ? RECONCILIATION_ID : FILE_ID, status: 'uploaded' })
  })
  const client = await begin(fixture, operation, formOf({ file }))
  const answer = await client.answer()
  t.match(answer, { status: operation === CREATE ? 201 : 202 }, `${what}: then it works`)
  t.not(answer.headers['connection'], 'close')
  const [sent, ...more] = fixture.uploads().slice(before)
  t.equal(more.length, 0, what)
  t.equal(
    sha256(parseForm((await sent?.body()) ?? Buffer.alloc(0), sent?.headers['content-type'] ?? '').file),
    sha256(file),
    what
  )
  await client.closed()
}

for (const [name, operation] of Object.entries(OPERATIONS)) {
  t.test(`${name}: what Connect does while the body comes is told at once, and Connect has nothing whole`, async t => {
    const fixture = await startFor(t, operation)
    const nothingLeft = await watchLeftovers(fixture)
    const file = workbookOf(3 * MIB)
    const body = formOf({ file })
    for (const [what, { answer, expected }] of Object.entries(EARLY)) {
      const before = fixture.uploads().length
      fixture.onUpload(async exchange => {
        await until(() => exchange.received() > 300 * KIB, 'some of the file')
        await answer(exchange)
      })
      const startedAt = performance.now()
      const client = await begin(fixture, operation, body, MIB)
      const told = await client.answer()
      t.match(
        told,
        {
          status: expected.status,
          headers: { connection: 'close', 'content-type': /^application\/problem\+json/, ...expected.headers },
          json: { code: expected.code }
        },
        what
      )
      t.ok(performance.now() - startedAt < 5_000, what)
      await until(client.isClosed, `${what}: the end of the connection`)
      client.socket.destroy()
      const sent = fixture.uploads().slice(before)
      t.equal(sent.length, 1, `${what}: sent once`)
      for (const one of sent) t.equal(await isWhole(one), false, `${what}: nothing whole`)
    }
    await worksNow(t, fixture, operation, file, name)
    await nothingLeft()
  })
}

t.test('a caller that sends 50 MB gets the refusal, whether or not it reads meanwhile', async (t) => {
  const fixture = await startFor(t, CREATE)
  const nothingLeft = await watchLeftovers(fixture)
  const body = formOf({ file: workbookOf(50 * MIB) })
  for (const what of ['401', '403 and FIN', '404', '413 and FIN']) {
    const early = EARLY[what] as Early
    fixture.onUpload(async (exchange) => {
      await until(() => exchange.received() > 300 * KIB, 'some of the file')
      await early.answer(exchange)
    })
    const client = await fixture.client()
    client.socket.pause()
    await client.sendHead({
      path: CREATE.path,
      key: CREATE.key,
      headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(body.length) }
    })
    await client.sendBody(body, { seed: 9, maxBytes: MIB })
    client.socket.resume()
    const { status, code } = early.expected
    t.match(await client.answer(), { status, headers: { connection: 'close' }, json: { code } }, what)
    await until(client.isClosed, 'the end of the connection')
    client.socket.destroy()
    t.equal(await isWhole(fixture.uploads().at(-1) as never), false)
  }
  await nothingLeft()
})

t.test('an upload that Connect stops reading is ended, and Connect has no whole body', async (t) => {
  const fixture = await startFor(t, CREATE)
  const nothingLeft = await watchLeftovers(fixture)
  fixture.onUpload(({ socket }) => { socket.pause() })
  // More than the buffers of all sockets on the way.
  const body = formOf({ file: workbookOf(40 * MIB) })
  const client = await fixture.client()
  await client.sendHead({
    path: CREATE.path,
    key: CREATE.key,
    headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(body.length) }
  })
  void client.sendBody(body, { seed: 9, maxBytes: MIB })
  t.match(await client.answer(), {
    status: 504,
    headers: { connection: 'close' },
    json: { code: 'UPSTREAM_TIMEOUT', detail: /Nothing was changed/ }
  })
  client.socket.destroy()
  const [sent] = fixture.uploads()
  sent?.socket.resume()
  t.equal(await isWhole(sent as never), false)
  await nothingLeft()
})

t.test('an upload whose file cannot be read sends nothing, and does not wait for its body', async (t) => {
  for (const operation of [UPLOAD_FILE, RECONCILE]) {
    const fixture = await startFor(t, operation)
    fixture.onGet(({ json }) => json(503, ''))
    const client = await begin(fixture, operation, formOf({ file: workbookOf(3 * MIB) }), 100)
    t.match(await client.answer(), { status: 502, headers: { connection: 'close' }, json: { code: 'UPSTREAM_FAILED' } })
    t.same(fixture.uploads(), [])
    client.socket.destroy()
    await fixture.quiet()
  }
})

t.test('a note goes to Connect as one field, with any content', async (t) => {
  const fixture = await startFor(t, CREATE)
  const file = workbookOf(1000)
  for (const [note, status] of [
    ['October – Ö', 201],
    ['"; filename="evil.xlsx', 201],
    ['line\r\n--b0undar', 201],
    ['a\r\nX-Evil: 1\r\n\r\nb', 201],
    ['nul\u0000', 400],
    ['n'.repeat(5000), 400]
  ] as const) {
    const before = fixture.uploads().length
    fixture.onUpload(async exchange => {
      await exchange.body()
      exchange.json(201, { id: RECONCILIATION_ID, status: 'uploaded' })
    })
    const client = await begin(
      fixture,
      CREATE,
      formOf({ file, before: [`Content-Disposition: form-data; name="note"\r\n\r\n${note}`] })
    )
    t.match(await client.answer(), { status }, JSON.stringify(note).slice(0, 40))
    await client.closed()
    const sent = fixture.uploads().slice(before)
    t.equal(sent.length, status === 201 ? 1 : 0)
    for (const one of sent) {
      const type = one.headers['content-type'] ?? ''
      const form = await new Response(new Uint8Array(await one.body()), {
        headers: { 'content-type': type }
      }).formData()
      t.same([...form.keys()], ['upload_note', 'recon_file'])
      t.equal(form.get('upload_note'), note)
      t.notMatch(one.head, /evil/i)
    }
  }
  await fixture.quiet()
})
