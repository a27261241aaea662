import type { Test } from 'tap'
import { summarise } from '../../../sandbox/src/http/control.ts'
import type { SandboxOptions } from '../../../sandbox/src/options.ts'
import { startFixture, type Fixture, type Reply } from '../idempotency/fixture.ts'
import { goodRow, header } from '../../../sandbox/test/stories.ts'
import { until, type AppOptions } from '../../helper.ts'

export type Row = Readonly<Record<string, string | number>>

const COLUMNS = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'category_id', 'amount'
]

/** A row that Connect takes. */
export const row = (n: number, more: Row = {}): Row => ({
  ...Object.fromEntries(goodRow(n).map((text, at) => [COLUMNS[at] ?? '', text])), ...more
})

export const ROWS: readonly Row[] = [1, 2, 3].map(n => row(n))
export const OTHER_ROWS: readonly Row[] = [row(1), row(2, { quantity: '6' })]
/** Rows that the check takes and Connect refuses: nobody has the subscription. */
export const REFUSED_ROWS: readonly Row[] = [row(1, { asset_search_value: 'AS-9999-9999-9999' })]
export const CATEGORIES = [{ category_id: 'seats', category_name: 'Seats' }]

export const REPORT = {
  name: 'October', productId: header.product.id, contractId: header.contract.id, period: header.period
}

export interface Sending {
  rows?: readonly Row[]
  isSubmitted?: boolean
  report?: object
  key?: string
  prefer?: string
  query?: string
}

export type Publish = (externalId: string, sending?: Sending) => Promise<Reply>

/** Makes a function that publishes rows as JSON. */
export function publisher (vendor: Fixture['vendor']): Publish {
  return async (externalId, { rows = ROWS, isSubmitted = false, report = REPORT, key, prefer, query = '' } = {}) =>
    await vendor(
      'PUT',
      `/usage-reports/${encodeURIComponent(externalId)}?submit=${String(isSubmitted)}${query}`,
      key ?? null,
      { report, rows, categories: CATEGORIES },
      prefer === undefined ? {} : { prefer }
    )
}

export interface ReportFixture extends Fixture {
  publish: Publish
  /** How often Connect did what to the files with an external id. */
  effects: (externalId: string) => { files: number, uploaded: number, submitted: number }
  /** Waits until Connect has processed a file. */
  processed: (fileId: string) => Promise<void>
}

export async function startReports (
  t: Test, options: AppOptions = {}, sandboxOptions: Partial<SandboxOptions> = {}
): Promise<ReportFixture> {
  const fixture = await startFixture(t, { watchGapMs: 50, ...options }, sandboxOptions)
  const { sandbox } = fixture
  return {
    ...fixture,
    publish: publisher(fixture.vendor),
    effects: externalId => {
      const files = [...sandbox.store.files.values()].filter(file => file.externalId === externalId)
      const { effects } = summarise(sandbox)
      const sum = (effect: string): number => files.reduce((all, { id }) => all + (effects[id]?.[effect] ?? 0), 0)
      return { files: files.length, uploaded: sum('uploaded'), submitted: sum('submitted') }
    },
    processed: async fileId => {
      await until(() => {
        const status = sandbox.store.files.get(fileId)?.status ?? ''
        return !['uploading', 'uploaded', 'processing'].includes(status)
      }, `${fileId} to be processed`)
    }
  }
}

/** The outcomes of the steps of an answer, in their order. */
export function outcomes ({ json }: Reply): string {
  const steps = json['steps'] as { step: string, outcome: string }[] | undefined
  return (steps ?? []).map(({ step, outcome }) => `${step} ${outcome}`).join(', ')
}

export const fileOf = ({ json }: Reply): Record<string, unknown> & { id: string } =>
  json['file'] as Record<string, unknown> & { id: string }
