export interface ReferenceForm { fields: [string, string][], name: string, file: Buffer }

/**
 * A form of RFC 7578 read as its text says and no other way: a part ends at the first delimiter, whatever follows that
 * must be the end of its line or of the form. The last part is the file. Null for what is no such form.
 */
export function referenceForm (body: Buffer, boundary: string): ReferenceForm | null {
  const first = Buffer.from(`--${boundary}`)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  let at = body.subarray(0, first.length).equals(first) ? first.length : after(body, delimiter, 0)
  const parts: { name: string, content: Buffer }[] = []
  while (at !== -1) {
    if (body.toString('latin1', at, at + 2) === '--') {
      const file = parts.pop()
      return file === undefined
        ? null
        : {
            fields: parts.map(({ name, content }) => [name, content.toString('utf8')]),
            name: file.name,
            file: file.content
          }
    }
    const lineEnd = body.indexOf('\r\n', at)
    if (lineEnd === -1 || !/^[ \t]*$/.test(body.toString('latin1', at, lineEnd))) return null
    const headEnd = body.indexOf('\r\n\r\n', lineEnd)
    const end = headEnd === -1 ? -1 : body.indexOf(delimiter, headEnd + 2)
    if (end === -1 || end < headEnd + 4) return null
    const name = nameIn(body.toString('latin1', lineEnd + 2, headEnd))
    if (name === null) return null
    parts.push({ name, content: body.subarray(headEnd + 4, end) })
    at = end + delimiter.length
  }
  return null
}

function after (body: Buffer, delimiter: Buffer, from: number): number {
  const found = body.indexOf(delimiter, from)
  return found === -1 ? -1 : found + delimiter.length
}

/** The name in the headers of a part; null where they name none, or give the content another form than its bytes. */
function nameIn (head: string): string | null {
  const lines = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n')
  const valueOf = (header: string): string | undefined =>
    lines
      .find(line => line.toLowerCase().startsWith(`${header}:`))
      ?.slice(header.length + 1)
      .trim()
  const encoding = valueOf('content-transfer-encoding') ?? 'binary'
  if (!/^(?:7bit|8bit|binary)$/i.test(encoding)) return null
  const disposition = valueOf('content-disposition') ?? ''
  if (!/^form-data\s*;/i.test(disposition)) return null
  const [, quoted, token] = /;\s*name\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(disposition) ?? []
  return quoted ?? token ?? null
}
