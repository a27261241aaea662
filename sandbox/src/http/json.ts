import { randomBytes } from 'node:crypto'
import { Decimal } from '../decimal.ts'

/** Nobody outside knows it, so no text of a caller is taken for a number. */
const mark = randomBytes(9).toString('hex')
const markedNumber = new RegExp(`"${mark}([^"]*)"`, 'g')

/** JSON.stringify, except that a Decimal becomes a number literal with its own digits, and undefined is null. */
export function writeJson (value: unknown): string {
  const text = JSON.stringify(value, (_name, member: unknown) =>
    member instanceof Decimal ? mark + member.text : member) ?? 'null'
  return text.includes(mark) ? text.replace(markedNumber, '$1') : text
}
