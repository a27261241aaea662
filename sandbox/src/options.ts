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
  /** After how many ms a file, chunk or reconciliation is processed. Usage rules are applied after twice this time. */
  processingMs: number
  /** Whether the operations under `/__control` are there. */
  control: boolean
  /** The lifetime of every signed link in seconds. Null for Connect's own: 600 s for uploads, 30 s for the rest. */
  linkSeconds: number | null
  /**
   * A date, or a time with its zone, in ISO 8601. The newest usage file that the sandbox starts with was created some
   * hours before it.
   */
  baseDate: string
  /** Whether upload, submit, accept and reject answer 200, as specified; else 201, as Connect really does. */
  legacy200: boolean
  /** Whether a processed file without faults is `uploaded`, as in Connect's MCP skill. Else it is `ready`. */
  restsInUploaded: boolean
  /** Whether an unknown filter gets a 400, so that tests find it. Else it is ignored, as in Connect. */
  strictFilters: boolean
  /**
   * Whether a row that ended before the period of its file is invalid, unless the product takes late usage. Else it is
   * valid: genuine files hold such rows.
   */
  refuseLateRows: boolean
  /**
   * Whether a record shows all digits of its amount and its quantity. Else both are floating-point numbers, as in
   * Connect's JSON: `1.0`, `1e-05`.
   */
  exactNumbers: boolean
  /** What happens to a submitted file that no usage rule decides. `manual`: it stays pending. */
  defaultRule: RuleAction
  /**
   * Whether an accepted usage file closes by itself when records are closed, one by one or in bulk, and none of its
   * records is valid or approved any more. No source tells what Connect does.
   */
  autoCloseFile: boolean
  /** In bytes. A workbook above this, or above 50 MiB, makes its file invalid, or its reconciliation fail. */
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
