import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { Checked } from '../tables/check.ts'
import { hasFindings, type LookedUp } from '../tables/references.ts'
import type { LookUps } from '../usage/look-ups.ts'

/**
 * Asks Connect for the items and subscriptions that rows name (`lookUps`), and gives the check of the rows with what
 * Connect has. `checkAgain` checks the rows once more. It is called only when the look-ups find something that changes
 * the check. With null for `lookUps` Connect is not asked, and the check stays as it is. Throws only when `signal`
 * aborts, and what `checkAgain` throws.
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
