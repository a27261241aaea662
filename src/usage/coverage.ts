import { invalidField } from '../errors/app-error.ts'
import type { UsageCoverage, UsageCoverageQuery } from '../../schemas/usage-coverage.ts'
import type { FileStatus, UsageFile } from '../../schemas/usage-file.ts'
import type { ConnectClient } from '../connect/api.ts'
import type { UsageFileFilter } from '../connect/filters.ts'
import { SeenIds } from '../limits/seen-ids.ts'
import type { ReadContext } from './context.ts'
import {
  byNames, pairKey, readListedPairs, readNewestFiles, readUsageTaken, takesUsage, type Pair, type UsageTaken
} from './contract-pairs.ts'
import { compact, match } from './filters/query-filters.ts'
import { gapsIn, type Interval } from './gaps.ts'
import { time } from './mapping/normalize.ts'
import { toUsageFile } from './mapping/usage-file.ts'
import { itemsByPage } from './paging.ts'

/** The statuses in which a usage file covers its period. */
const REPORTED: readonly FileStatus[] = ['pending', 'accepted', 'closed']
/** Files created up to 35 days before the window are read, too: a file may be created before its period begins. */
const MARGIN_MS = 35 * 86_400_000
/** The most usage files that `readFilesSince` reads for one answer. 50,000 files take at least 50 calls to Connect. */
const MAX_FILES = 50_000

type ReportedFile = UsageCoverage['pending'][number]

/** What the files of a pair show. `end`: the end of the period in ms since 1970; -Infinity without a whole period. */
interface Reports {
  readonly pair: Pair
  readonly covered: Interval[]
  readonly pending: ReportedFile[]
  last: { readonly report: ReportedFile, readonly end: number } | null
}

/**
 * Gives what was reported and what is missing, for each pair of product and contract. The pairs come from the usage
 * files, and from those listings whose product takes usage. No gap goes beyond `now`. Throws VALIDATION_FAILED for a
 * window that is not valid and for too many files, contracts or products.
 */
export async function readCoverage (
  connect: ConnectClient, query: UsageCoverageQuery, now: Date, context: ReadContext
): Promise<UsageCoverage[]> {
  const window = windowOf(query, now)
  const filter = compact({
    'product.id': match('productId', query.productId), 'contract.id': match('contractId', query.contractId)
  })
  const reports = new Map<string, Reports>()
  const [listed, newest] = await Promise.all([
    readListedPairs(connect, filter, context),
    readNewestFiles(connect, { ...filter, status: REPORTED }, context),
    readFilesSince(connect, filter, Math.max(0, window.from - MARGIN_MS), context, file => {
      addFile(reports, file, window)
    })
  ])
  for (const file of newest) addFile(reports, file, window)
  const used = [...reports.values()].map(({ pair }) => pair)
  const taken = await readUsageTaken(connect, [...listed, ...used], context)
  for (const pair of listed) if (takesUsage(taken, pair)) reportsOf(reports, pair)
  const untilNow = { from: window.from, to: Math.min(window.to, now.getTime()) }
  return [...reports.values()].sort((a, b) => byNames(a.pair, b.pair)).map((one): UsageCoverage => ({
    product: one.pair.product,
    contract: one.pair.contract,
    marketplace: one.pair.marketplace,
    cadence: cadenceOf(taken.get(one.pair.product?.id ?? '') ?? null),
    lastReport: one.last?.report ?? null,
    gaps: gapsIn(untilNow, one.covered).map(gap => ({ from: inText(gap.from), to: inText(gap.to) })),
    pending: one.pending
  }))
}

function windowOf (query: Pick<UsageCoverageQuery, 'from' | 'to'>, now: Date): Interval {
  const from = time(query.from)
  const to = query.to === undefined ? now.toISOString() : time(query.to, 'end')
  if (from === null) throw invalidField('query.from', 'is not a time that exists')
  if (to === null) throw invalidField('query.to', 'is not a time that exists')
  const window = { from: Date.parse(from), to: Date.parse(to) }
  if (window.from > window.to) throw invalidField('query.from', 'must not be after to, or after now')
  return window
}

/**
 * Gives `take` the usage files created since a moment (ms since 1970), oldest first, without deleted ones. Throws
 * VALIDATION_FAILED for more than MAX_FILES.
 */
async function readFilesSince (
  connect: ConnectClient, filter: UsageFileFilter, since: number, context: ReadContext,
  take: (file: UsageFile) => void
): Promise<void> {
  const seen = new SeenIds()
  const pages = itemsByPage(async (window) => {
    // The filter has no status: so a file that is deleted while the list is read stays in the list, and moves no other
    // file to another page.
    const page = await connect.usageFiles.list(
      { filter: { ...filter, 'created.at': { ge: inText(since) } }, sort: ['created.at', 'id'], ...window }, context
    )
    if (page.total > MAX_FILES) {
      throw invalidField('query.from', `is too early: there are more than ${MAX_FILES} usage files since then`)
    }
    return { ...page, items: page.items.map(file => toUsageFile(file, context.actor, 'list')) }
  }, file => seen.add(file.id, 1) === null)
  for await (const files of pages) {
    for (const file of files) if (file.status !== 'deleted') take(file)
  }
}

function reportsOf (
  reports: Map<string, Reports>, { contract, product, marketplace, vendor, provider }: Pair
): Reports {
  const pair = { contract, product, marketplace, vendor, provider }
  const key = pairKey(pair) ?? JSON.stringify(pair)
  const known = reports.get(key) ?? { pair, covered: [], pending: [], last: null }
  reports.set(key, known)
  return known
}

function addFile (reports: Map<string, Reports>, file: UsageFile, window: Interval): void {
  const known = reportsOf(reports, file)
  const report = { fileId: file.id, status: file.status, period: file.period }
  const interval = intervalOf(file.period)
  if (file.status !== null && REPORTED.includes(file.status)) {
    if (interval !== null) known.covered.push(interval)
    const end = interval?.to ?? -Infinity
    if (known.last === null || end > known.last.end) known.last = { report, end }
  } else if (interval === null || (interval.from <= window.to && interval.to >= window.from)) {
    known.pending.push(report)
  }
}

function intervalOf (period: UsageFile['period']): Interval | null {
  if (period === null || period.from === null || period.to === null) return null
  return { from: Date.parse(period.from), to: Date.parse(period.to) }
}

/** Connect recommends to report reservations every day, so a product with both kinds of items gets `daily`. */
function cadenceOf (usage: UsageTaken): UsageCoverage['cadence'] {
  if (usage?.reservation === true) return 'daily'
  return usage?.payPerUse === true ? 'daily-or-monthly' : null
}

function inText (moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`
}
