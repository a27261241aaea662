import { DISPOSITION, field, formOf, KIB, MIB, workbookOf, XLSX, type FormParts } from './forms.ts'
import { endOfZip, MAX, TYPE } from './ill-formed-fixture.ts'

interface Row {
  name: string
  expected: [number, string]
  /** Where the parser finds no file, the bytes before it outgrow their bound first. */
  expectedOfLarge?: [number, string]
  body: Buffer
  headers?: Record<string, string>
}

const form = (name: string, expected: [number, string], parts: FormParts, headers: Record<string, string> = {}): Row =>
  ({ name, expected, body: formOf(parts), headers: { 'content-type': TYPE, ...headers } })

const unseen = (row: Row): Row => ({ ...row, expectedOfLarge: [413, 'BODY_TOO_LARGE'] })

const parts = (count: number): string[] => Array.from({ length: count }, (_, i) => field(`f${i}`, 'x'))

export function rowsOf (size: number): Row[] {
  const file = workbookOf(size)
  const cut = (bytes: string): Buffer => Buffer.concat([Buffer.from(bytes, 'latin1'), file.subarray(4)])
  const second = `${DISPOSITION}\r\nContent-Type: ${XLSX}\r\n\r\n${workbookOf(100).toString('latin1')}`
  const malformed: [number, string] = [400, 'MALFORMED_BODY']
  const invalid: [number, string] = [400, 'VALIDATION_FAILED']
  return [
    form('no closing boundary', malformed, { file, closing: '', epilogue: '' }),
    form('a line break for a closing boundary', malformed, { file, closing: '\r\n', epilogue: '' }),
    form('half a closing boundary', malformed, { file, closing: '\r\n--b0und', epilogue: '' }),
    form('a delimiter for a closing boundary', malformed, { file, closing: '\r\n--b0undary', epilogue: '' }),
    form('a delimiter and a line break', malformed, { file, closing: '\r\n--b0undary', epilogue: '\r\n' }),
    form('a closing boundary with one dash', malformed, { file, closing: '\r\n--b0undary-', epilogue: '' }),
    form('a closing boundary with a dash and a line break', malformed, {
      file,
      closing: '\r\n--b0undary-',
      epilogue: '\r\n'
    }),
    form('a closing boundary without its line break', malformed, { file, closing: '--b0undary--', epilogue: '' }),
    form('a nameless part after the file', malformed, { file, after: ['\r\nx'] }),
    form('a part of another kind after the file', malformed, {
      file,
      after: ['Content-Disposition: attachment\r\n\r\nx']
    }),
    form('a boundary with something behind it in the file', malformed, {
      file: Buffer.concat([file, Buffer.from('\r\n--b0undaryX: 1\r\n\r\nrest')])
    }),
    form('the same under headers that hide the file', malformed, {
      file: Buffer.concat([file, Buffer.from('\r\n--b0undaryX: 1\r\n\r\nrest')]),
      fileHeaders: 'Content-Disposition: form-data; name="file";\r\n filename = "x.xlsx"\r\n'
    }),
    form('the same under a folded type', invalid, {
      file: Buffer.concat([file, Buffer.from('\r\n--b0undaryX: 1\r\n\r\nrest')]),
      fileHeaders: 'Content-Disposition: form-data; name="file"\r\nContent-Type:\r\n application/octet-stream\r\n'
    }),
    form('a second file', invalid, { file, after: [second] }),
    form('a second file in another field', invalid, { file, after: [second.replace('"file"', '"other"')] }),
    form('a field after the file', [400, 'FIELD_AFTER_FILE'], { file, after: [field('note', 'late')] }),
    form('a field under a broken header', malformed, {
      file,
      before: ['Content-Dispositiom: form-data; name="note"\r\n\r\nx']
    }),
    form('a field without an end of its headers', malformed, {
      file,
      before: ['Content-Disposition: form-data; name="note"\r\nx']
    }),
    form('a field by the name of the file', invalid, { file, before: [field('file', 'PK')] }),
    form('an unknown field', invalid, { file, before: [field('extra', '1')] }),
    form('another field name', [400, 'FILE_MISSING'], { file, disposition: DISPOSITION.replace('"file"', '"upload"') }),
    form('a field without a name', invalid, { file, before: ['Content-Disposition: form-data\r\n\r\nx'] }),
    form('a field without a name after the file', [400, 'FIELD_AFTER_FILE'], {
      file,
      after: ['Content-Disposition: form-data\r\n\r\nx']
    }),
    form('a file without a name', [400, 'FILE_MISSING'], {
      file,
      disposition: 'Content-Disposition: form-data; filename="x.xlsx"'
    }),
    form('a field instead of the file', invalid, {
      file,
      fileHeaders: 'Content-Disposition: form-data; name="file"\r\n'
    }),
    form('a field with a type instead of the file', invalid, {
      file,
      fileHeaders: `Content-Type: ${XLSX}\r\nContent-Disposition: form-data; name="file"\r\n`
    }),
    unseen(
      form('a part that only has an extended name', [400, 'FILE_MISSING'], {
        file,
        disposition: "Content-Disposition: attachment; filename*=UTF-8''x.xlsx"
      })
    ),
    unseen(
      form('a file name with a bare line break', [400, 'FILE_MISSING'], {
        file,
        disposition: 'Content-Disposition: form-data; name="file"; filename="a\nX-Evil: 1"'
      })
    ),
    form('something that is no workbook', [422, 'NOT_A_WORKBOOK'], { file: cut('<htm') }),
    form('a spanned archive', [422, 'NOT_A_WORKBOOK'], { file: cut('PK\x07\x08') }),
    form('an old Office document', [415, 'UNSUPPORTED_MEDIA_TYPE'], { file: cut('\xd0\xcf\x11\xe0') }),
    form('Content-Encoding gzip', [415, 'UNSUPPORTED_MEDIA_TYPE'], { file }, { 'content-encoding': 'gzip' }),
    form('base64', [415, 'UNSUPPORTED_MEDIA_TYPE'], {
      file,
      fileHeaders: `${DISPOSITION}\r\nContent-Transfer-Encoding: Base64\r\n`
    }),
    form('an epilogue of 1025 bytes', malformed, { file, epilogue: 'e'.repeat(1025) }),
    unseen(form('an epilogue of 1.5 MiB', malformed, { file, epilogue: 'e'.repeat(1.5 * MIB) })),
    form('70 KiB before the first part', [413, 'BODY_TOO_LARGE'], { file, preamble: 'p'.repeat(70 * KIB) }),
    form('2 MiB before the first part', [413, 'BODY_TOO_LARGE'], { file, preamble: 'p'.repeat(2 * MIB) }),
    form('70 KiB of part headers', [413, 'BODY_TOO_LARGE'], {
      file,
      disposition: `X-Long: ${'h'.repeat(70 * KIB)}\r\n${DISPOSITION}`
    }),
    form('10,000 parts before the file', invalid, { file, before: parts(10_000) }),
    form('10,000 parts after the file', [400, 'FIELD_AFTER_FILE'], { file, after: parts(10_000) }),
    form('a field called __proto__', invalid, { file, before: [field('__proto__', '1')] }),
    unseen(
      form('a file called constructor', invalid, { file, disposition: DISPOSITION.replace('"file"', '"constructor"') })
    ),
    unseen(form('another boundary', malformed, { file, boundary: 'other' })),
    form('a type without a boundary', malformed, { file }, { 'content-type': 'multipart/form-data' }),
    form('XML', [415, 'UNSUPPORTED_MEDIA_TYPE'], { file }, { 'content-type': 'application/xml' }),
    form(
      'another multipart',
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      { file },
      { 'content-type': 'multipart/mixed; boundary=b0undary' }
    ),
    form(
      'the type of a form',
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      { file },
      { 'content-type': 'application/x-www-form-urlencoded' }
    ),
    {
      name: 'a raw body that is no workbook',
      expected: [422, 'NOT_A_WORKBOOK'],
      body: cut('<htm'),
      headers: { 'content-type': XLSX }
    },
    {
      name: 'a raw old Office document',
      expected: [415, 'UNSUPPORTED_MEDIA_TYPE'],
      body: cut('\xd0\xcf\x11\xe0'),
      headers: { 'content-type': XLSX }
    },
    {
      name: 'a raw body of the old type',
      expected: [415, 'UNSUPPORTED_MEDIA_TYPE'],
      body: file,
      headers: { 'content-type': 'application/vnd.ms-excel' }
    }
  ]
}

export const onceOnly: Row[] = [
  form('a part that has no end', [400, 'MALFORMED_BODY'], {
    file: Buffer.alloc(0),
    fileHeaders: '',
    closing: '',
    epilogue: ''
  }),
  {
    name: 'an empty form',
    expected: [400, 'FILE_MISSING'],
    body: Buffer.from('--b0undary--\r\n'),
    headers: { 'content-type': TYPE }
  },
  {
    name: 'fields of nothing',
    expected: [400, 'MALFORMED_BODY'],
    body: Buffer.from('no form at all'),
    headers: { 'content-type': TYPE }
  },
  {
    name: 'no body under the type of a form',
    expected: [400, 'FILE_MISSING'],
    body: Buffer.alloc(0),
    headers: { 'content-type': TYPE }
  },
  {
    name: 'an empty raw body',
    expected: [422, 'FILE_EMPTY'],
    body: Buffer.alloc(0),
    headers: { 'content-type': XLSX }
  },
  form('an empty file', [422, 'FILE_EMPTY'], { file: Buffer.alloc(0) }),
  form('a file of one byte', [422, 'NOT_A_WORKBOOK'], { file: Buffer.from('P') }),
  form('a file of three bytes', [422, 'NOT_A_WORKBOOK'], { file: Buffer.from('PK\x03') }),
  {
    name: 'a raw body of two bytes',
    expected: [422, 'NOT_A_WORKBOOK'],
    body: Buffer.from('PK'),
    headers: { 'content-type': XLSX }
  },
  form('a file of four bytes', [422, 'NOT_A_WORKBOOK'], { file: Buffer.from('PK\x03\x04') }),
  form('half a workbook', [422, 'NOT_A_WORKBOOK'], { file: workbookOf(2000).subarray(0, 1000) }),
  form('a workbook without its last byte', [422, 'NOT_A_WORKBOOK'], { file: workbookOf(2000).subarray(0, -1) }),
  form('a workbook without its middle', [422, 'NOT_A_WORKBOOK'], {
    file: Buffer.concat([workbookOf(100).subarray(0, 78), endOfZip(0, 1000, 0)])
  }),
  form('a workbook whose comment is cut', [422, 'NOT_A_WORKBOOK'], {
    file: Buffer.concat([workbookOf(100).subarray(0, 78), endOfZip(0, 10, 5), Buffer.from('abcd')])
  }),
  {
    name: 'a raw body that is half a workbook',
    expected: [422, 'NOT_A_WORKBOOK'],
    body: workbookOf(2000).subarray(0, 1000),
    headers: { 'content-type': XLSX }
  },
  { name: 'no type and no body', expected: [400, 'FILE_MISSING'], body: Buffer.alloc(0), headers: {} },
  form('a file over the limit', [413, 'BODY_TOO_LARGE'], { file: workbookOf(MAX + 1) }),
  form('a file far over the limit', [413, 'BODY_TOO_LARGE'], { file: workbookOf(3 * MAX) }),
  {
    name: 'a raw body over the limit',
    expected: [413, 'BODY_TOO_LARGE'],
    body: workbookOf(MAX + 1),
    headers: { 'content-type': XLSX }
  },
  {
    name: 'a raw body far over the limit',
    expected: [413, 'BODY_TOO_LARGE'],
    body: workbookOf(3 * MAX),
    headers: { 'content-type': XLSX }
  }
]
