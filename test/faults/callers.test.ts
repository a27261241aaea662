import { createConnection, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { makeApp, until, VENDOR_KEY } from '../helper.ts'
import { startClient, startUpstream } from '../connect/upstream.ts'
import { DISPOSITION, field, formOf, MIB, workbookOf, XLSX } from '../uploads/forms.ts'
import { FILE_ID, startFixture, UPLOAD } from '../uploads/fixture.ts'
import { connectTo } from '../uploads/wire.ts'
import { SHORT_LIVED, watchLeftovers } from './leftovers.ts'

t.test('a request hidden in the body of another request is not carried out', async (t) => {
  const fixture = await startFixture(t, { limits: SHORT_LIVED })
  const nothingLeft = await watchLeftovers(fixture)
  const hidden = `DELETE /v1/usage-files/${FILE_ID} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`
  for (const [what, headers, body] of [
    [
      'a coding and a length',
      `transfer-encoding: chunked\r\ncontent-length: ${hidden.length + 5}`,
      `0\r\n\r\n${hidden}`
    ],
    ['a length and a coding', 'content-length: 5\r\ntransfer-encoding: chunked', `0\r\n\r\n${hidden}`],
    ['two lengths', `content-length: 0\r\ncontent-length: ${hidden.length}`, hidden],
    ['two lengths in one', `content-length: 0, ${hidden.length}`, hidden],
    ['a coding that only looks like one', 'content-length: 5\r\ntransfer-encoding: xchunked', `0\r\n\r\n${hidden}`],
    ['a coding behind a tab', 'transfer-encoding:\tchunked\r\ncontent-length: 3', `0\r\n\r\n${hidden}`],
    ['a bare line feed after a size', 'transfer-encoding: chunked', `5\nhello\r\n0\r\n\r\n${hidden}`],
    ['bare line feeds for an end', 'transfer-encoding: chunked', `5\r\nhello\r\n0\n\n${hidden}`],
    ['a header that is folded', 'content-length: 0\r\n x: y\r\ntransfer-encoding: chunked', `0\r\n\r\n${hidden}`]
  ] as const) {
    const client = await fixture.client()
    await client.send(
      `POST ${UPLOAD} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\ncontent-type: ${XLSX}\r\n${headers}\r\n` +
      `\r\n${body}`
    )
    t.match(
      await client.answer(),
      { status: 400, headers: { connection: 'close', 'content-type': /^application\/problem\+json/ } },
      what
    )
    await until(client.isClosed, `${what}: the end of the connection`)
    client.socket.destroy()
    t.same(
      fixture.upstream.exchanges.filter(({ method }) => method !== 'GET'),
      [],
      what
    )
  }
  await nothingLeft()
})

t.test('a form of many parts costs little', async (t) => {
  const fixture = await startFixture(t, { limits: SHORT_LIVED })
  const nothingLeft = await watchLeftovers(fixture)
  const file = workbookOf(1000)
  const second = `${DISPOSITION}\r\nContent-Type: ${XLSX}\r\n\r\n${file.toString('latin1')}`
  const warm = await fixture.client()
  const send = async (path: string, body: Buffer, key: string): Promise<number> => {
    const client = await fixture.client()
    await client.sendHead({
      path,
      key,
      headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(body.length) }
    })
    const before = process.cpuUsage()
    await client.sendBody(body)
    const { status } = await client.answer()
    const { user, system } = process.cpuUsage(before)
    client.socket.destroy()
    t.ok(status === 400 || status === 413, String(status))
    return (user + system) / 1000
  }
  warm.socket.destroy()
  const many = Array.from({ length: 10_000 }, (_, i) => field(`f${i}`, 'x'))
  const twice = [field('note', 'x'), field('note', 'y')]
  for (const [what, body] of [
    ['10,000 parts before the file', formOf({ file, before: many })],
    ['10,000 parts after it', formOf({ file, after: many })],
    [
      '10,000 parts and no file',
      formOf({ file, before: many, fileHeaders: 'Content-Disposition: form-data; name="x"\r\n' })
    ],
    ['a second file', formOf({ file, after: [second] })],
    ['a field twice', formOf({ file, before: twice })]
  ] as const) {
    // On a loaded machine, one of two may take twice the CPU.
    const ms = Math.min(await send(UPLOAD, body, VENDOR_KEY), await send(UPLOAD, body, VENDOR_KEY))
    t.ok(ms < 250, `${what}: ${Math.round(ms)} ms of CPU`)
  }
  t.same(fixture.uploads(), [])
  await nothingLeft()
})

t.test('a thousand slow connections delay no other caller, and are ended', async (t) => {
  const upstream = await startUpstream(t, ({ json }) => json(200, { id: FILE_ID, status: 'draft' }))
  const { app } = await makeApp(t, {
    env: { UPLOAD_IDLE_TIMEOUT_MS: '1000' },
    connect: startClient(t, upstream.baseUrl)
  })
  // The service's own are 15 s and 5 s.
  app.server.headersTimeout = 1_000
  Object.assign(app.server, { connectionsCheckingInterval: 200 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const told = { heads: 0, bodies: 0 }
  let connected = 0
  const slow = (kind: keyof typeof told, start: string): Socket => {
    const socket = createConnection(port, '127.0.0.1', () => {
      connected += 1
      socket.write(start)
    })
    socket.on('error', () => {})
    socket.once('data', (bytes: Buffer) => { if (bytes.toString('latin1', 0, 12) === 'HTTP/1.1 408') told[kind] += 1 })
    return socket
  }
  const head = 'POST /v1/usage-files HTTP/1.1\r\nhost: bff\r\n'
  const sockets = [
    ...Array.from({ length: 800 }, () => slow('heads', head)),
    ...Array.from({ length: 200 }, () =>
      slow(
        'bodies',
        `${head}x-api-key: ${VENDOR_KEY}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`
      )
    )
  ]
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  await until(() => connected === 1000, 'all of them to be there')
  const drip = setInterval(() => { for (const socket of sockets) if (!socket.destroyed) socket.write('x') }, 250)
  t.teardown(() => { clearInterval(drip) })
  const client = await connectTo(t, port)
  for (let i = 0; i < 20; i += 1) {
    const startedAt = performance.now()
    await client.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
    t.match(await client.answer(), { status: 200 })
    t.ok(performance.now() - startedAt < 5_000, `${Math.round(performance.now() - startedAt)} ms`)
  }
  await until(() => told.heads === 800 && told.bodies === 200, 'each of them to be told', 30_000)
  t.equal(upstream.exchanges.length, 20)
})

t.test('a file that is too large is refused before it is read, and Connect is not called for it', async (t) => {
  const fixture = await startFixture(t, { env: { UPLOAD_MAX_BYTES: String(MIB) }, limits: SHORT_LIVED })
  const client = await fixture.client()
  for (const type of [XLSX, 'multipart/form-data; boundary=b0undary']) {
    const one = await fixture.client()
    await one.sendHead({ path: UPLOAD, headers: { 'content-type': type, 'content-length': String(100 * MIB) } })
    t.match(
      await one.answer(),
      { status: 413, headers: { connection: 'close' }, json: { code: 'BODY_TOO_LARGE', maxBytes: MIB } },
      'not a byte of the body was sent'
    )
    one.socket.destroy()
  }
  t.same(fixture.uploads(), [])
  client.socket.destroy()
  await fixture.quiet()
})
