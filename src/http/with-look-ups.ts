import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { Checked } from '../tables/check.ts'
import { hasFindings, type LookedUp } from '../tables/references.ts'
import type { LookUps } from '../usage/look-ups.ts'

/**
 * Asks Connect for the items and subscriptions that rows name. Only if what Connect has can add problems, `checkAgain`
 * checks the rows once more. With null for `lookUps` Connect is not asked. Throws when `signal` aborts, and what
 * `checkAgain` throws.
 */
export async function withLookUps (
  checked: Checked,
  lookUps: LookUps | null,
  checkAgain: (lookedUp: LookedUp) => Promise<Checked>,
  signal: AbortSignal
): Promise<UsageCheck> {
  if (lookUps === null) return checked.check
  const { lookedUp, parts } = await lookUps(checked.references, signal)
  const { check } = hasFindings(checked.references, lookedUp) ? await checkAgain(lookedUp) : checked
  return { ...check, checks: check.checks.map(part => parts.find(({ name }) => name === part.name) ?? part) }
}
