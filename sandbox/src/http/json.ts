import { Decimal } from '../decimal.ts'

/** JSON.stringify, except that a Decimal becomes a number literal with its own digits. */
export function writeJson (value: unknown): string {
  if (value instanceof Decimal) return value.text
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  const members: string[] = []
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${writeJson(member)}`)
  }
  return `{${members.join(',')}}`
}
