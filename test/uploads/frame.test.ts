import t from 'tap'
import { frameOf } from '../../src/uploads/frame.ts'
import { parseForm, workbookOf } from './forms.ts'

t.test('a framed file is a form of the announced length, with any padding', async (t) => {
  const file = workbookOf(1000)
  for (const padding of [0, 1, 2, 3, 1024]) {
    const frame = frameOf({ fileField: 'usage_file', fields: [] })
    const form = Buffer.concat([frame.head, file, frame.closing(padding)])
    t.equal(form.length, frame.lengthWith(file.length + padding))
    const parsed = parseForm(form, frame.contentType)
    t.match(parsed, { name: 'usage_file', fileName: 'usage_file.xlsx' })
    t.ok(parsed.file.equals(file))
    t.match(parsed.trailing.toString(), /^(?: ?|\r\n *)$/)
  }
})

t.test('fields come before the file, and each form has its own boundary', async (t) => {
  const [one, other] = [1, 2].map(() => frameOf({ fileField: 'recon_file', fields: [['upload_note', 'a "note"']] }))
  t.match(one?.head.toString(), /^--[\w-]+\r\nContent-Disposition: form-data; name="upload_note"\r\n\r\na "note"\r\n--/)
  t.not(one?.contentType, other?.contentType)
})
