import t from 'tap'
import { PROVIDER_KEY } from '../helper.ts'
import { field, formOf, workbookOf } from './forms.ts'
import { startFixture } from './fixture.ts'

const ID = 'RCF-2026-09-0041-0024-001'
const FILE = workbookOf(500)
const CORRECT = 'Grüße – 使用量 😀'

/** A field `note` with headers of its own and any bytes, in a form with a workbook. */
function formWith (note: Buffer, headers = ''): Buffer {
  const before = [`Content-Disposition: form-data; name="note"\r\n${headers}\r\nNOTE`]
  const form = formOf({ file: FILE, before })
  const at = form.indexOf('NOTE')
  return Buffer.concat([form.subarray(0, at), note, form.subarray(at + 4)])
}

t.test('a form whose text is not UTF-8 is refused, and nothing reaches Connect', async (t) => {
  const fixture = await startFixture(t)
  const sent: string[] = []
  fixture.onUpload(async exchange => {
    sent.push((await exchange.body()).toString())
    exchange.json(201, { id: ID, status: 'uploaded', events: {} })
  })
  fixture.onGet(exchange => { exchange.json(200, { id: ID, status: 'uploaded', notes: { uploaded: CORRECT } }) })
  const post = async (form: Buffer): Promise<{ status: number, code: unknown, detail: string }> => {
    const answer = await fetch(`${fixture.origin}/v1/reconciliations`, {
      method: 'POST',
      headers: { 'x-api-key': PROVIDER_KEY, 'content-type': 'multipart/form-data; boundary=b0undary' },
      body: Uint8Array.from(form)
    })
    const { code, detail } = await answer.json() as { code: unknown, detail: string }
    return { status: answer.status, code, detail }
  }
  const utf8 = Buffer.from(CORRECT)
  const cp1252 = Buffer.from('Gr\xfc\xdfe', 'latin1')
  const type = (charset: string): string => `Content-Type: text/plain; charset=${charset}\r\n`
  const coding = (name: string): string => `Content-Transfer-Encoding: ${name}\r\n`

  for (const [what, note, headers] of [
    ['undeclared cp1252', cp1252, ''],
    ['undeclared GBK', Buffer.from([0xca, 0xb9, 0xd3, 0xc3]), ''],
    ['cp1252 under the name of UTF-8', cp1252, type('utf-8')],
    ['UTF-8 under the name of ASCII', utf8, type('us-ascii')],
    ['half a character', utf8.subarray(0, -1), '']
  ] as const) {
    t.match(await post(formWith(note, headers)), { status: 400, code: 'MALFORMED_BODY', detail: /note are not/ }, what)
  }
  for (const [what, note, headers] of [
    ['windows-1252', cp1252, type('windows-1252')],
    ['windows-1251, quoted', cp1252, type('"windows-1251"')],
    ['a folded header', cp1252, 'Content-Type: text/plain;\r\n charset=iso-8859-1\r\n'],
    ['base64 as a charset', Buffer.from('test'), type('base64')],
    ['base64', Buffer.from(utf8.toString('base64')), coding('base64')],
    ['quoted-printable', Buffer.from('Gr=C3=BC=C3=9Fe'), coding('Quoted-Printable')]
  ] as const) {
    const answer = await post(formWith(note, headers))
    t.match(answer, { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', detail: 'The field note has the' }, what)
  }
  t.same(sent, [], 'Connect had nothing')

  for (const headers of ['', type('utf-8'), type('"UTF-8"'), type('utf8'), coding('8bit'), coding('binary')]) {
    sent.length = 0
    t.match(await post(formWith(utf8, headers)), { status: 201 }, headers)
    t.match(sent, [`\r\n\r\n${CORRECT}\r\n`], 'as it was sent')
  }
  t.match(await post(formWith(Buffer.from(''), type('us-ascii'))), { status: 201 }, 'an empty note')
  t.match(await post(formOf({ file: FILE, before: [field('note', 'a\r\n\r\nb\r\n--b0undar')] })), { status: 201 })
})

t.test('a part whose name every object has is refused by its name', async (t) => {
  const fixture = await startFixture(t)
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    const forms = [
      formOf({ file: FILE, before: [field(name, 'x')] }),
      formOf({ file: FILE, before: [field('note', 'x'), field(name, 'x')] }),
      formOf({ file: FILE, disposition: `Content-Disposition: form-data; name="${name}"; filename="a.xlsx"` })
    ]
    for (const form of forms) {
      const answer = await fetch(`${fixture.origin}/v1/reconciliations`, {
        method: 'POST',
        headers: { 'x-api-key': PROVIDER_KEY, 'content-type': 'multipart/form-data; boundary=b0undary' },
        body: Uint8Array.from(form)
      })
      const errors = [{ path: `body.${name}`, message: 'is not known here' }]
      t.match(await answer.json(), { status: 400, code: 'VALIDATION_FAILED', errors }, name)
    }
  }
  t.equal(fixture.uploads().length, 0)
})
