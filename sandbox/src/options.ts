import type { RuleAction } from './state/types.ts'

export type SeedSize = 'full' | 'small'

export interface SandboxToken {
  /** The whole value of the header `Authorization`, with the scheme: `ApiKey SU-…:…`. */
  header: string
  accountId: string
  user: { id: string, name: string }
}

export interface SandboxOptions {
  seed: SeedSize
  /**
   * Milliseconds from an upload until the usage file is ready or invalid. Other work takes as long, such as that on a
   * draft chunk or on a reconciliation; usage rules decide a submitted file after twice the time. 0 means as soon as
   * possible.
   */
  processingMs: number
  /** Whether the operations under `/__control` are there. */
  control: boolean
  /** The lifetime of every signed link in seconds. Null for Connect's own: 600 s for uploads, 30 s for the rest. */
  linkSeconds: number | null
  /**
   * The time, in ISO 8601, from which the times of the usage files and rules at the start are calculated. The newest of
   * these files is created some hours before it.
   */
  baseDate: string
  /**
   * Whether upload, submit, accept and reject answer 200, as Connect's specification has it. Else they answer 201, as
   * Connect does.
   */
  legacy200: boolean
  /**
   * Whether a usage file without faults has the status `uploaded` after its processing instead of `ready`, as Connect's
   * MCP skill describes it. It can then be submitted in that status.
   */
  restsInUploaded: boolean
  /**
   * Whether an unknown filter is refused with 400, so that tests find it. Else it is ignored, as Connect does, so the
   * list has more rows.
   */
  strictFilters: boolean
  /**
   * Whether a row that ended before the period of its file is invalid, unless the product takes late usage. Else it is
   * valid: genuine files hold such rows.
   */
  refuseLateRows: boolean
  /**
   * Whether amount and quantity of a record have all the digits of their cells. Else they are floating-point numbers as
   * in Connect's JSON, with at most about 17 digits: `1.0`, `1e-05`.
   */
  exactNumbers: boolean
  /** What happens to a submitted file that no usage rule decides. `manual`: it stays pending. */
  defaultRule: RuleAction
  /**
   * Whether an accepted usage file closes by itself when records are closed, one by one or in bulk, and none is valid
   * or approved any more. No source tells what Connect does.
   */
  autoCloseFile: boolean
  /**
   * The largest workbook in bytes that is opened. With a larger one the usage file becomes invalid, or the
   * reconciliation fails.
   */
  maxWorkbookBytes: number
  maxUploadBytes: number
  ledgerLimit: number
  /** Milliseconds that the receiver of a webhook has for its answer. */
  webhookTimeoutMs: number
  tokens: readonly SandboxToken[]
  /** The clock of the running sandbox. The times of the objects at the start do not come from it. */
  now: () => Date
  /** The folder in which the private folder for uploads is made. Null for the system's folder for temporary files. */
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
