import { NUMBER_MARK } from '../decimal.ts'

const markedNumber = new RegExp(`"${NUMBER_MARK}([^"]*)"`, 'g')

/** A Decimal becomes a number with all its digits. A replacer would make JSON.stringify several times as slow. */
export function writeJson (value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.includes(NUMBER_MARK) ? text.replace(markedNumber, '$1') : text
}
