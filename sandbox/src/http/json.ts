import { NUMBER_MARK } from '../decimal.ts'

const markedNumber = new RegExp(`"${NUMBER_MARK}([^"]*)"`, 'g')

/**
 * Gives the JSON of a value. A Decimal becomes a number with all its digits. Undefined as the whole value gives `null`.
 * No replacer function is used: with one, JSON.stringify takes several times as long.
 */
export function writeJson (value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.includes(NUMBER_MARK) ? text.replace(markedNumber, '$1') : text
}
