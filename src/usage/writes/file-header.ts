import { invalidField } from '../../errors/app-error.ts'
import type { CreateUsageFileBody, UpdateUsageFileBody } from '../../../schemas/usage-file-input.ts'
import type * as Connect from '../../connect/types.ts'
import { identifier, text, time, type Fields } from '../mapping/normalize.ts'
import { contractIdOf, productIdOf } from '../mapping/usage-file.ts'
import { isOtherId, isOtherKind, isOtherText, isUntouched, trimmed } from './compare.ts'
import { present } from './present.ts'
import { momentOf } from '../filters/query-filters.ts'

type Period = CreateUsageFileBody['period']

/** Throws VALIDATION_FAILED for a bad period. The error names the place of the fault: `path`, then `.period`. */
export function createBody (given: CreateUsageFileBody, path = 'body'): Connect.UsageFileCreateBody {
  const { name, productId, contractId, currency, description, note, externalId } = given
  return {
    name,
    product: { id: productId },
    contract: { id: contractId },
    period: periodBody(given.period, path),
    ...present('currency', currency),
    ...present('description', description),
    ...present('note', note),
    ...present('external_id', externalId)
  }
}

/**
 * Gives the body of Connect's PUT: the given fields, and the other fields that a PUT takes, as Connect shows them. A
 * field that is not given and that Connect shows as empty, or not at all, is not sent: a role that may not see a field
 * must not clear it.
 */
export function updateBody (before: Connect.UsageFile, given: UpdateUsageFileBody): Connect.UsageFileUpdateBody {
  const shown = before as Fields
  const kept = (name: string): object => identifier(shown[name]) === null ? {} : { [name]: text(shown[name]) }
  const period = given.period === undefined ? keptPeriod(before) : periodBody(given.period)
  return {
    ...kept('description'),
    ...kept('note'),
    ...kept('currency'),
    ...kept('external_id'),
    ...(period !== null && { period }),
    ...(given.description !== undefined && { description: given.description }),
    ...(given.note !== undefined && { note: given.note }),
    ...(given.currency !== undefined && { currency: given.currency }),
    ...(given.externalId !== undefined && { external_id: given.externalId })
  }
}

/** Whether a file shows every field that an update gave, with the new value. */
export function showsUpdate (file: Connect.UsageFile, given: UpdateUsageFileBody): boolean {
  const shown = file as Fields
  const is = (name: string, value: string | null | undefined): boolean =>
    value === undefined || (text(shown[name]) ?? '') === (value ?? '')
  // Connect trims texts, so white space at their ends does not count.
  const isText = (name: string, value: string | null | undefined): boolean =>
    value === undefined || trimmed(shown[name]) === trimmed(value)
  return isText('description', given.description) && isText('note', given.note) && is('currency', given.currency) &&
    is('external_id', given.externalId) && (given.period === undefined || showsPeriod(file, given.period))
}

/**
 * Whether a file, after an update that Connect reported as done, shows a given field with its old value. A text that
 * the file does not show counts as empty. A currency that is cleared is not compared: it becomes the currency of the
 * marketplace, which may be the same.
 */
export function ignoresUpdate (
  before: Connect.UsageFile,
  after: Connect.UsageFile,
  given: UpdateUsageFileBody
): boolean {
  const [then, now] = [before as Fields, after as Fields]
  const is = (name: string, value: string | null | undefined, read?: (value: unknown) => string | null): boolean =>
    isUntouched(then[name], now[name] ?? null, value, read)
  return (
    is('description', given.description, trimmed) ||
    is('note', given.note, trimmed) ||
    is('external_id', given.externalId) ||
    is('currency', given.currency ?? undefined) ||
    isUntouched(daysOf(before.period), daysOf(after.period) ?? undefined, daysOf(given.period) ?? undefined)
  )
}

/** The days of a period, as `2026-10-01/2026-10-31`: Connect may store no times. Null unless both are shown. */
function daysOf (period: Connect.UsageFile['period']): string | null {
  const [from, to] = [time(period?.from), time(period?.to, 'end')]
  return from === null || to === null ? null : `${from.slice(0, 10)}/${to.slice(0, 10)}`
}

/** Whether a file may be the one that a create made, after the answer to the create was lost. */
export function isCreatedFrom (file: Connect.UsageFile, body: Connect.UsageFileCreateBody): boolean {
  return identifier(file.id) !== null && text(file.name) === body.name && text(file.external_id) === body.external_id &&
    productIdOf(file) === body.product.id && contractIdOf(file) === body.contract.id
}

/** Whether a file shows that it is not the one that a create was to make. A field that is not shown proves nothing. */
export function isCreatedOtherwise (file: Connect.UsageFile, body: Connect.UsageFileCreateBody): boolean {
  return isOtherKind(file.id, 'UF-') || isOtherText(file.name, body.name) ||
    isOtherId(file.external_id, body.external_id) ||
    isOtherId(productIdOf(file), body.product.id) || isOtherId(contractIdOf(file), body.contract.id)
}

/** Gives a period for Connect: dates stay dates, as Connect documents them; date-times become UTC. */
function periodBody ({ from, to }: Period, path = 'body'): Period {
  const body = {
    from: momentOf(`${path}.period.from`, from) ?? from, to: momentOf(`${path}.period.to`, to) ?? to
  }
  if (Date.parse(time(body.from) ?? '') > Date.parse(time(body.to, 'end') ?? '')) {
    throw invalidField(`${path}.period`, 'ends before it begins')
  }
  return body
}

/** Null unless the file shows both times. An end at midnight stays a date-time: a date would add that whole day. */
function keptPeriod (file: Connect.UsageFile): Period | null {
  const from = time(file.period?.from)
  const to = time(file.period?.to, 'end')
  if (from === null || to === null) return null
  return {
    from: /T00:00:00(\.0+)?Z$/.test(from) ? from.slice(0, 10) : from,
    to: /T23:59:59(\.\d+)?Z$/.test(to) ? to.slice(0, 10) : to
  }
}

function showsPeriod (file: Connect.UsageFile, { from, to }: Period): boolean {
  const isAt = (shown: string | null, given: string, edge: 'begin' | 'end'): boolean =>
    shown !== null &&
    (given.length === 10 ? shown.startsWith(given) : Date.parse(shown) === Date.parse(time(given, edge) ?? ''))
  return isAt(time(file.period?.from), from, 'begin') && isAt(time(file.period?.to, 'end'), to, 'end')
}
