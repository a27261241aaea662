import { AppError } from '../errors/app-error.ts'

const VISIBLE = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"(.*)"$/

/**
 * Gives the key of an `Idempotency-Key` header: 1 to 255 visible ASCII characters. A key in quotes (RFC 8941, 3.3.3) is
 * the same key as without them; between them `\"` stands for `"`, and `\\` for `\`. Throws VALIDATION_FAILED for any
 * other value, also for a header that was sent twice: Node joins the two values by `, `, which has a space.
 */
export function readKey (header: string | string[]): string {
  const given = String(header)
  const quoted = QUOTED.exec(given)?.[1]
  const key = quoted === undefined ? given : quoted.replace(/\\(["\\])/g, '$1')
  if (VISIBLE.test(key)) return key
  const path = 'header.Idempotency-Key'
  const message = 'must be 1 to 255 visible ASCII characters, bare or in quotes'
  throw new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
