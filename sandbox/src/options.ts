import type { RuleAction } from './state/types.ts'

export type SeedSize = 'full' | 'small'

export interface SandboxToken {
  /** The whole header value, scheme included. */
  header: string
  accountId: string
  user: { id: string, name: string }
}

export interface SandboxOptions {
  seed: SeedSize
  /** From upload to ready or invalid; draft chunks and reconciliations take as long. 0 = the next tick. */
  processingMs: number
  /** Opens `/__control`. */
  control: boolean
  /** Lifetime of every signed link; null keeps Connect's own: 600 s for uploads, 30 s for the rest. */
  linkSeconds: number | null
  /** All seeded times derive from it. */
  baseDate: string
  /** Upload, submit, accept and reject answer 200, as the specification has it, instead of the 201 seen live. */
  legacy200: boolean
  /**
   * A valid file rests in `uploaded` instead of `ready`, as Connect's MCP skill has it, and is submitted from there.
   */
  restsInUploaded: boolean
  /**
   * An unknown filter is refused with 400, so that tests find it. Off, it is ignored and all rows are listed, as
   * Connect does.
   */
  strictFilters: boolean
  /**
   * A row that ended before the period of its file is invalid unless the product takes late usage. Off, it is valid:
   * genuine files hold such rows.
   */
  refuseLateRows: boolean
  /**
   * Amount and quantity of a record have the digits of their cells. Off, they are floats, as in genuine JSON: `1.0`,
   * `1e-05`, and about 17 digits at most.
   */
  exactNumbers: boolean
  /** The default of the usage rules: what becomes of a submitted file that no rule decides. */
  defaultRule: RuleAction
  /** Whether closing the last record, one by one or in bulk, closes the file: no source tells. */
  autoCloseFile: boolean
  /** Workbooks above it are not opened: the file becomes invalid. */
  maxWorkbookBytes: number
  maxUploadBytes: number
  ledgerLimit: number
  /** How long a webhook's receiver may take to answer. */
  webhookTimeoutMs: number
  tokens: readonly SandboxToken[]
  /** For events of the running sandbox; seeded data never asks. */
  now: () => Date
  /** Parent of the private folder for uploads; the system's by default. */
  tempDir: string | null
}

export const vendorToken = 'ApiKey SU-100-200-300:vendor'
export const resellerToken = 'ApiKey SU-700-800-900:reseller'
export const providerToken = 'ApiKey SU-400-500-600:provider'

const defaults: SandboxOptions = {
  seed: 'full',
  processingMs: 1500,
  control: false,
  linkSeconds: null,
  baseDate: '2026-11-01T00:00:00Z',
  legacy200: false,
  restsInUploaded: false,
  strictFilters: false,
  refuseLateRows: false,
  exactNumbers: false,
  defaultRule: 'manual',
  autoCloseFile: false,
  maxWorkbookBytes: 64 * 1024 * 1024,
  maxUploadBytes: 2 * 1024 * 1024 * 1024,
  ledgerLimit: 50_000,
  webhookTimeoutMs: 10_000,
  tokens: [
    { header: vendorToken, accountId: 'VA-100-200', user: { id: 'SU-100-200-300', name: 'Vendor integration' } },
    { header: providerToken, accountId: 'PA-400-500', user: { id: 'SU-400-500-600', name: 'Provider integration' } },
    { header: resellerToken, accountId: 'PA-430-530', user: { id: 'SU-700-800-900', name: 'Reseller integration' } }
  ],
  now: () => new Date(),
  tempDir: null
}

export function withDefaults (options: Partial<SandboxOptions>): SandboxOptions {
  const merged = { ...defaults, ...options }
  if (Number.isNaN(Date.parse(merged.baseDate))) throw new Error('baseDate is not a date')
  return merged
}
