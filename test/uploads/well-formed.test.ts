import t from 'tap'
import { PROVIDER_KEY } from '../helper.ts'
import { field, formOf, KIB, parseForm, sha256, workbookOf, XLSX, type FormParts } from './forms.ts'
import { startFixture, UPLOAD } from './fixture.ts'
import type { Split } from './wire.ts'
import { HELD, sizes } from './well-formed-fixture.ts'

interface Row {
  name: string
  parts: FormParts
  split?: Split
  contentType?: string
}

const splits: readonly Split[] = ['whole', { seed: 7, maxBytes: 20_000 }, { seed: 8, maxBytes: 100_000 }]

const endings = {
  'no line break': '',
  'a line break': '\r\n',
  padding: ' \t \r\n',
  'one byte': '\n',
  'an epilogue': '\r\nbye',
  'a long epilogue': 'e'.repeat(1024)
}

const delimiterLike = (size: number): Buffer => {
  const file = workbookOf(size, 3)
  for (let at = 10; at + 40 < size; at += 997) {
    file.write(at % 2 === 0 ? '\r\n--b0undarX' : '--b0undary--\r\n', at, 'latin1')
  }
  return Buffer.concat([file, Buffer.from('\r\n--b0undar')])
}

/** What browsers and others have been seen to send as a name. None of it may reach Connect. */
const NASTY_NAMES = [
  'a\r\nX-Evil: 1',
  'quo"te.xlsx',
  'back\\slash\\"quote.xlsx',
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  'C:\\x\\y.xlsx',
  '\\\\host\\share\\y.xlsx',
  'Übersicht – 使用量.xlsx',
  '📊.xlsx',
  'bell\u0007 tab\t nul%00.xlsx',
  'xslx.\u202Excod.exe',
  '\u2066hidden\u2069.xlsx',
  'zero\u200Bwidth.xlsx',
  'line\u2028separator',
  "x; filename*=UTF-8''evil.exe",
  '=cmd|calc.xlsx',
  'CON',
  '.',
  '..',
  '',
  ' ',
  'n'.repeat(10 * KIB)
]

const rows: Row[] = [
  ...sizes.flatMap(size =>
    splits.map((split, i): Row => ({ name: `${size} bytes, cut ${i}`, parts: { file: workbookOf(size) }, split }))
  ),
  ...[5000, HELD + 5000].flatMap(size =>
    Object.entries(endings).flatMap(([name, epilogue]) =>
      splits.slice(0, 2).map((split, i): Row => ({
        name: `${size} bytes and ${name}, cut ${i}`,
        parts: { file: workbookOf(size), epilogue },
        split
      }))
    )
  ),
  ...[5000, HELD + 5000].flatMap((size): Row[] => [
    { name: `${size} bytes after a preamble`, parts: { file: workbookOf(size), preamble: 'This is a form.' } },
    {
      name: `${size} bytes under a quoted boundary`,
      parts: { file: workbookOf(size), boundary: 'a b:c=d' },
      contentType: 'multipart/form-data; boundary="a b:c=d"'
    },
    {
      name: `${size} bytes under a boundary of browsers`,
      parts: { file: workbookOf(size), boundary: '----WebKitFormBoundary7MA4YWxk' },
      contentType: 'multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4YWxk'
    },
    {
      name: `${size} bytes as octets`,
      parts: {
        file: workbookOf(size),
        fileHeaders:
          'content-disposition: form-data; name="file"; filename="x"\r\ncontent-type: application/octet-stream\r\n' +
          'content-transfer-encoding: binary\r\n'
      }
    },
    {
      name: `${size} bytes with headers in another order`,
      parts: {
        file: workbookOf(size),
        fileHeaders: `Content-Type: ${XLSX}\r\nContent-Length: ${size}\r\n` +
          'Content-Disposition: form-data; filename="x"; name="file"\r\n'
      }
    },
    {
      name: `${size} bytes under folded headers`,
      parts: {
        file: workbookOf(size),
        fileHeaders: 'Content-Disposition: form-data;\r\n name="file";\r\n\tfilename = "x.xlsx"\r\n'
      }
    },
    {
      name: `${size} bytes after an extended file name`,
      parts: {
        file: workbookOf(size),
        disposition: 'Content-Disposition: form-data; name="file"; filename="x.xlsx"; filename*=UTF-8\'\'%e2%82%ac.xlsx'
      }
    },
    ...[5, 6, 7].map((seed): Row => ({
      name: `${size} bytes with what looks like the boundary, cut ${seed}`,
      parts: { file: delimiterLike(size) },
      split: { seed, maxBytes: 4 ** seed }
    })),
    ...NASTY_NAMES.map((name): Row => ({
      name: `${size} bytes called ${encodeURIComponent(name).slice(0, 30)}`,
      parts: {
        file: workbookOf(size),
        disposition: 'Content-Disposition: form-data; name="file"; ' +
          `filename="${name.replaceAll('"', '\\"').replaceAll('\r\n', '%0D%0A')}"`
      }
    }))
  ]),
  ...[' ', '\t', ' \t  '].flatMap(padding => [5000, HELD + 5000].flatMap(size => splits.map((split, i): Row => ({
    name: `${size} bytes and ${JSON.stringify(padding)} after the delimiters, cut ${i}`,
    parts: { file: workbookOf(size), preamble: i === 1 ? 'Hi' : '', padding, epilogue: `${padding}\r\n` },
    split
  })))),
  {
    name: 'what looks like the boundary, and padding after the delimiters',
    parts: { file: delimiterLike(HELD + 5000), padding: ' \t' },
    split: { seed: 9, maxBytes: 3000 }
  },
  {
    name: 'byte by byte, with padding after the delimiters',
    parts: { file: delimiterLike(300), preamble: 'Hi', padding: '\t ' },
    split: 'bytes'
  },
  { name: 'byte by byte', parts: { file: workbookOf(700), epilogue: '\r\n' }, split: 'bytes' },
  {
    name: 'byte by byte, with all that is allowed around it',
    parts: { file: delimiterLike(300), preamble: 'Hi', epilogue: ' \r\nbye' },
    split: 'bytes'
  }
]

t.test('every well-formed form reaches Connect as one whole body', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  for (const { name, parts, split, contentType = 'multipart/form-data; boundary=b0undary' } of rows) {
    const form = formOf(parts)
    for (const isChunked of [false, true]) {
      const what = `${name}${isChunked ? ', chunked' : ''}`
      const before = fixture.uploads().length
      if (isChunked) {
        await client.sendHead({
          path: UPLOAD,
          headers: { 'content-type': contentType, 'transfer-encoding': 'chunked' }
        })
        await client.sendChunked(form, split)
      } else {
        await client.sendHead({
          path: UPLOAD,
          headers: { 'content-type': contentType, 'content-length': String(form.length) }
        })
        await client.sendBody(form, split)
      }
      const answer = await client.answer()
      t.equal(answer.status, 202, `${what}: ${answer.status === 202 ? '' : answer.text}`)
      t.not(answer.headers['connection'], 'close', what)
      const [sent, ...more] = fixture.uploads().slice(before)
      if (sent === undefined) continue
      const body = await sent.body()
      const seen = parseForm(body, sent.headers['content-type'] ?? '')
      t.match(seen, { name: 'usage_file', fileName: 'usage_file.xlsx' }, what)
      t.equal(sha256(seen.file), sha256(parts.file), `${what}: the same bytes`)
      t.match(seen.trailing.toString(), /^\s*$/, what)
      t.equal(sent.headers['content-length'], String(body.length), what)
      t.equal(sent.headers['transfer-encoding'], undefined, what)
      t.equal(more.length, 0, `${what}: once`)
    }
  }
  t.same(fixture.spooled(), [])
  await client.closed()
  await fixture.quiet()
})

t.test('padding after delimiters is taken, wherever the body is cut', { timeout: 120_000 }, async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  const reconciliation = { id: 'RCF-2026-09-0041-0024-001', status: 'uploaded', events: {} }
  fixture.onUpload(async exchange => {
    await exchange.body()
    exchange.json(201, reconciliation)
  })
  fixture.onGet(exchange => { exchange.json(200, reconciliation) })
  const file = workbookOf(60)
  const form = formOf({
    boundary: 'b', preamble: 'p', padding: ' \t', before: [field('note', 'two  \r\nlines ')], file, epilogue: ' \t\r\n'
  })
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': String(form.length) }
  for (let cut = 0; cut < form.length; cut += 1) {
    await client.sendHead({ path: '/v1/reconciliations', headers, key: PROVIDER_KEY })
    await client.send(form.subarray(0, cut))
    await client.send(form.subarray(cut))
    t.match(await client.answer(), { status: 201 }, `cut at ${cut}`)
    const body = await fixture.uploads().at(-1)?.body() ?? Buffer.alloc(0)
    t.ok(body.includes('\r\n\r\ntwo  \r\nlines \r\n--'), `cut at ${cut}: the field`)
    const start = body.indexOf('PK\x03\x04', 0, 'latin1')
    t.ok(body.subarray(start, start + file.length).equals(file), `cut at ${cut}: the file`)
    t.equal(body.toString('latin1', start + file.length, start + file.length + 4), '\r\n--', `cut at ${cut}: its end`)
  }
  t.equal(fixture.uploads().length, form.length)
  await client.closed()
  await fixture.quiet()
})
