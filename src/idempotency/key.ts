import { invalidField } from '../errors/app-error.ts'

const VISIBLE = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"(.*)"$/

/** A key may have quotes (RFC 8941, 3.3.3). A header that was sent twice is refused: Node joins the values by `, `. */
export function readKey (header: string | string[]): string {
  const given = String(header)
  const quoted = QUOTED.exec(given)?.[1]
  const key = quoted === undefined ? given : quoted.replace(/\\(["\\])/g, '$1')
  if (VISIBLE.test(key)) return key
  throw invalidField('header.Idempotency-Key', 'must be 1 to 255 visible ASCII characters, bare or in quotes')
}
