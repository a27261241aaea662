import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { until, VENDOR_KEY } from '../helper.ts'
import { MIB, sha256, workbookOf } from '../uploads/forms.ts'
import { FILE_ID, startFixture, type OnUpload, type Fixture } from '../uploads/fixture.ts'
import { watchLeftovers } from './leftovers.ts'
import { CHUNK_ID, head, LIMITS } from './downloads-fixture.ts'

/** From a storage, by a link of Connect's, and from Connect itself. */
const DOWNLOADS = {
  'a linked workbook': `/v1/usage-files/${FILE_ID}/files/uploaded`,
  'a workbook of Connect': `/v1/usage-chunks/${CHUNK_ID}/file`
}

const FILE = workbookOf(2 * MIB)
const HALF = FILE.subarray(0, MIB)

const length = { 'content-length': String(FILE.length) }
const chunked = { 'transfer-encoding': 'chunked' }
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const sends =
  (...pieces: readonly (string | Buffer)[]): OnUpload =>
    ({ socket }) => {
      for (const piece of pieces) socket.write(piece)
    }
/** Goes when the bytes before have left. */
const then = (first: OnUpload, goes: 'end' | 'resetAndDestroy'): OnUpload => async (exchange) => {
  await first(exchange)
  exchange.socket.write('', () => { setImmediate(() => { exchange.socket[goes]() }) })
}
const drips: OnUpload = ({ socket }) => {
  socket.write(head(length))
  socket.write(HALF)
  const timer = setInterval(() => { socket.write('x') }, 20)
  socket.on('close', () => { clearInterval(timer) })
}

async function startServing (
  t: Test
): Promise<{ fixture: Fixture; serve: (script: OnUpload) => void; asked: () => number }> {
  const fixture = await startFixture(t, { limits: LIMITS })
  fixture.file['usage_file_uri'] = `${fixture.upstream.origin}/store/file.xlsx?sig=canary-signature`
  const isFile = (path: string): boolean => path.startsWith('/store/') || /\/chunks\/[^/]+\/./.test(path)
  return {
    fixture,
    serve: script => {
      fixture.onGet(async exchange => {
        if (isFile(exchange.path)) await script(exchange)
        else exchange.json(200, exchange.path.includes('/chunks/') ? { id: CHUNK_ID, status: 'ready' } : fixture.file)
      })
    },
    asked: () => fixture.upstream.exchanges.filter(({ path }) => isFile(path)).length
  }
}

/** All bytes of a connection on which one thing is asked for, until it ends. */
async function bytesOf (fixture: Fixture, path: string): Promise<Buffer> {
  const socket = connect(fixture.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (bytes: Buffer) => { chunks.push(bytes) }).on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`)
  await until(() => socket.destroyed, 'the end of the connection')
  return Buffer.concat(chunks)
}

for (const [what, path] of Object.entries(DOWNLOADS)) {
  t.test(`${what} arrives byte for byte, and the connection goes on`, async (t) => {
    const { fixture, serve } = await startServing(t)
    const nothingLeft = await watchLeftovers(fixture)
    for (const script of [
      sends(head(length), FILE),
      sends(head(chunked), chunk(HALF), chunk(FILE.subarray(MIB)), '0\r\n\r\n')
    ]) {
      serve(script)
      const answer = await new Promise<IncomingMessage>(resolve => {
        get(fixture.origin + path, { agent: false, headers: { 'x-api-key': VENDOR_KEY } }, resolve)
      })
      t.equal(sha256(await buffer(answer)), sha256(FILE))
    }
    serve(sends(head({ 'content-length': '4' }), 'PK\x03\x04'))
    const client = await fixture.client()
    for (let i = 0; i < 3; i += 1) {
      await client.sendHead({ method: 'GET', path })
      t.match(await client.answer(), { status: 200, text: 'PK\x03\x04' })
    }
    client.socket.destroy()
    await nothingLeft()
  })

  t.test(`${what} that breaks off midway never looks whole`, async (t) => {
    const { fixture, serve, asked } = await startServing(t)
    const nothingLeft = await watchLeftovers(fixture)
    for (const [fault, script, isChunked] of [
      ['cut short of its length, FIN', then(sends(head(length), HALF), 'end'), false],
      ['cut short of its length, RST', then(sends(head(length), HALF), 'resetAndDestroy'), false],
      ['a byte short', then(sends(head(length), FILE.subarray(0, -1)), 'end'), false],
      ['chunks without the last, FIN', then(sends(head(chunked), chunk(HALF)), 'end'), true],
      ['chunks without the last, RST', then(sends(head(chunked), chunk(HALF)), 'resetAndDestroy'), true],
      ['a chunk cut short', then(sends(head(chunked), chunk(FILE).subarray(0, MIB)), 'end'), true],
      ['a chunk of no size', sends(head(chunked), chunk(HALF), 'nonsense\r\n'), true],
      ['silence', sends(head(length), HALF), false],
      ['a drip', drips, false]
    ] as const) {
      const before = asked()
      serve(script)
      const bytes = await bytesOf(fixture, path)
      t.match(bytes.toString('latin1', 0, 12), 'HTTP/1.1 200', fault)
      const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
      if (isChunked) t.not(body.toString('latin1').endsWith('0\r\n\r\n'), true, `${fault}: no last chunk`)
      else t.ok(body.length < FILE.length, `${fault}: ${body.length} bytes`)
      t.equal(asked(), before + 1, `${fault}: what was begun is not begun again`)
    }
    await nothingLeft()
    t.same(fixture.logs.filter(({ level }) => level === 'fatal'), [])
  })

  t.test(`${what} that is none is a problem, and nothing of it is passed on`, async (t) => {
    for (const [fault, script, status, code, attempts] of [
      [
        'a page',
        sends(head({ 'content-type': 'text/html', 'content-length': '11' }), 'canary-page'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      [
        'JSON',
        sends(head({ 'content-type': 'application/json', 'content-length': '2' }), '{}'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      [
        'a page with another type',
        sends(head({ 'content-type': 'application/octet-stream', 'content-length': '19' }), '<html>canary</html>'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      [
        'a gzip without a type',
        sends('HTTP/1.1 200 X\r\ncontent-length: 12\r\n\r\n', Buffer.from([0x1f, 0x8b, 8, 0]), 'canary-x'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      ['a body of three bytes', sends(head({ 'content-length': '3' }), 'PK\x03'), 502, 'UPSTREAM_INVALID', 1],
      ['nothing', sends(head({ 'content-length': '0' })), 502, 'UPSTREAM_INVALID', 1],
      ['no bytes but an end', sends(head(chunked), '0\r\n\r\n'), 502, 'UPSTREAM_INVALID', 1],
      [
        'a file whose end cannot be told',
        then(sends(head({ connection: 'close' }), 'canary-bytes'), 'end'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      [
        'a coded file',
        sends(head({ 'content-length': '12', 'content-encoding': 'gzip' }), 'canary-bytes'),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      ['part of a file', sends(head({ 'content-length': '12' }, 206), 'canary-bytes'), 502, 'UPSTREAM_INVALID', 1],
      [
        'a redirect',
        sends(head({ 'content-length': '0', location: 'http://127.0.0.1:9/canary-link' }, 302)),
        502,
        'UPSTREAM_INVALID',
        1
      ],
      ['headers of 40 KB', sends(head({ ...length, 'x-large': 'x'.repeat(40_000) })), 502, 'UPSTREAM_INVALID', 1],
      ['500', sends(head({ 'content-length': '12' }, 500), 'canary-bytes'), 502, 'UPSTREAM_FAILED', 1],
      ['503', sends(head({ 'content-length': '12' }, 503), 'canary-bytes'), 502, 'UPSTREAM_FAILED', 3],
      [
        'a reset',
        ({ socket }: Parameters<OnUpload>[0]) => {
          socket.resetAndDestroy()
        },
        502,
        'UPSTREAM_RESET',
        3
      ],
      ['no headers in time', () => {}, 504, 'UPSTREAM_TIMEOUT', 1],
      ['one byte, and silence', sends(head(length), 'P'), 504, 'UPSTREAM_TIMEOUT', 1]
    ] as const) {
      const { fixture, serve, asked } = await startServing(t)
      const client = await fixture.client()
      serve(script)
      await client.sendHead({ method: 'GET', path })
      const answer = await client.answer()
      t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ }, json: { code } }, fault)
      t.notMatch(answer.text + JSON.stringify(answer.headers), /canary-/, fault)
      t.equal(asked(), attempts, `${fault}: attempts`)
      serve(sends(head({ 'content-length': '4' }), 'PK\x03\x04'))
      await client.sendHead({ method: 'GET', path })
      t.match(
        await client.answer(),
        { status: 200, text: 'PK\x03\x04' },
        `${fault}: the next request has its own answer`
      )
      await client.closed()
      await fixture.quiet()
    }
  })

  t.test(`${what} that its caller leaves takes the upstream along`, async (t) => {
    const { fixture, serve } = await startServing(t)
    const nothingLeft = await watchLeftovers(fixture)
    serve(sends(head({ 'content-length': String(1024 * MIB) }), FILE))
    for (const goes of ['destroy', 'resetAndDestroy'] as const) {
      const socket = connect(fixture.port, '127.0.0.1').on('error', () => {})
      let received = 0
      socket.on('data', (bytes: Buffer) => { received += bytes.length })
      socket.write(`GET ${path} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`)
      await until(() => received > MIB, 'half of it')
      socket[goes]()
      await until(
        () => fixture.app.connect.stats().storage.running + fixture.app.connect.stats().download.running === 0,
        `${goes}: the end of the call`
      )
    }
    await nothingLeft()
  })
}
