import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeUsageWorkbook } from '../../../sandbox/src/workbooks/usage-file.ts'
import type { FaultRule } from '../../../sandbox/src/fault-book.ts'
import { PROVIDER_KEY, startBoth, until, type AppOptions, type StartedApp, type Teardown } from '../../helper.ts'
import { asProvider, asVendor, form, until as untilAnswer, type StartedSandbox } from '../../../sandbox/test/helper.ts'
import { draft } from '../../../sandbox/test/stories.ts'

export const CLOSE = '/v1/usage-records/close'
export const NDJSON = 'application/x-ndjson'

export interface Outcome { id: string, index: number, outcome: string, code?: string, message?: string }
export interface Summary { requested: number, closed: number, refused: number, unknown: number }

export interface Fixture extends StartedApp {
  sandbox: StartedSandbox
  /** Makes a file with so many approved records; gives its id and theirs. */
  approved: (count: number) => Promise<{ fileId: string, ids: string[] }>
  plan: (...rules: FaultRule[]) => void
  /** Calls that closed, in order: how many records each held. */
  batches: () => number[]
  /** Waits until nothing runs, and no place on disk is held. */
  quiet: () => Promise<void>
  close: (body: string | Buffer, headers?: Record<string, string>, path?: string) => Promise<Response>
}

const COLUMNS = [
  'record_id',
  'item_search_criteria',
  'item_search_value',
  'quantity',
  'start_time_utc',
  'end_time_utc',
  'asset_search_criteria',
  'asset_search_value',
  'amount'
]

export async function startFixture (t: Teardown, options: AppOptions = {}): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-lists-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  const started = await startBoth(
    t,
    {},
    { ...options, env: { CLOSE_BATCH_SIZE: '5', CLOSE_CONCURRENCY: '2', ...options.env } }
  )
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  const { sandbox, origin } = started
  const vendor = asVendor(sandbox)
  const provider = asProvider(sandbox)

  // They have no name any more, but the system still knows where they are.
  const isList = (fd: string): boolean => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      // The app's own state lies there too.
      return path.startsWith(folder) && !path.includes('connect-usage-bff-test-')
    } catch {
      return false
    }
  }
  const openLists = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').filter(isList).length : 0)
  return {
    ...started,
    approved: async count => {
      const rows = Array.from({ length: count }, (_, n) => [
        `R${n}`,
        'item.mpn',
        'FB-SEATS',
        '5',
        '2026-10-01 00:00:00',
        '2026-10-01 23:59:59',
        'asset.id',
        'AS-5501-1000-0001',
        '10.50'
      ])
      const fileId = await draft(vendor)
      await vendor('POST', `/usage/files/${fileId}/upload`, form('usage_file', await writeUsageWorkbook(COLUMNS, rows)))
      await untilAnswer(
        () => vendor('GET', `/usage/files/${fileId}`),
        ({ json }) => json.status === 'ready',
        60_000
      )
      await vendor('POST', `/usage/files/${fileId}/submit`, {})
      await provider('POST', `/usage/files/${fileId}/accept`)
      const ids = [...sandbox.store.records.values()]
        .filter(({ file, status }) => file.id === fileId && status === 'approved')
        .map(({ id }) => id)
      if (ids.length !== count) throw new Error(`${ids.length} records are approved`)
      sandbox.ledger.clear()
      return { fileId, ids }
    },
    plan: (...rules) => {
      for (const rule of rules) sandbox.faults.add(rule)
    },
    batches: () =>
      sandbox.ledger.entries
        .filter(({ path }) => path.endsWith('/close-records'))
        .map(({ body }) => (Array.isArray(body) ? body.length : 0)),
    quiet: async () => {
      await until(() => {
        const { jsonWrite, jsonRead } = started.app.connect.stats()
        return jsonWrite.running + jsonWrite.pending + jsonRead.running + openLists() === 0
      }, 'quiet')
    },
    close: async (body, headers = {}, path = CLOSE) =>
      await fetch(origin + path, {
        method: 'POST',
        body,
        headers: { 'x-api-key': PROVIDER_KEY, 'content-type': 'application/json', ...headers }
      })
  }
}

export const lines = (ids: readonly string[], billing = 'INV-1'): string =>
  ids.map(id => `${JSON.stringify({ id, externalBillingId: billing })}\n`).join('')
export const asDocument = (ids: readonly string[]): string =>
  JSON.stringify({ records: ids.map(id => ({ id })), externalBillingId: 'INV-1' })

export function parseLines (text: string): { outcomes: Outcome[], summary: Summary } {
  const all = text.trimEnd().split('\n').map(line => JSON.parse(line) as Outcome & { summary: Summary })
  const last = all.pop()
  return {
    outcomes: all.sort((a, b) => a.index - b.index),
    summary: last?.summary ?? { requested: -1, closed: -1, refused: -1, unknown: -1 }
  }
}
