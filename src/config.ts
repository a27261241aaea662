import type { Callers } from './credentials/callers.ts'
import { isLoopback } from './credentials/checks.ts'
import { callersOfFile, fixedCallers, type CallersSource } from './credentials/callers-source.ts'
import { StartError } from './errors/start-error.ts'
import { isCidr, isHost, isOrigin, isStorageHost, isStoreUrl, Settings } from './settings.ts'

export interface Config {
  host: string
  port: number
  publicUrl: string | null
  logLevel: string
  connectBaseUrl: string
  connectTimeoutMs: number
  callers: CallersSource
  uploadMaxBytes: number
  uploadIdleTimeoutMs: number
  /** The most bytes in a body of rows as CSV, NDJSON or JSON. */
  rowsMaxBytes: number
  /** The most bytes in the body of a bulk close. */
  bulkMaxBytes: number
  /** The most records of a bulk close in one call to Connect. */
  closeBatchSize: number
  /** The most batches of one bulk close that are sent or read back at the same time. */
  closeConcurrency: number
  drainTimeoutMs: number
  storageHosts: readonly string[]
  /** Exactly as browsers send them. The demo adds `http://localhost:*` and `http://127.0.0.1:*`. */
  corsOrigins: readonly string[]
  /** Where the state store is: `file:<folder>`, `redis://…` or `rediss://…`. The URL may have a password in it. */
  storeUrl: string
  trustProxy: readonly string[]
  /** The most requests of one caller in a minute, over all instances that share the store. */
  rateLimitPerMinute: number
  /** The token that `/metrics` asks for. Null: `/metrics` answers requests from the same machine only. */
  metricsToken: string | null
  /** Whether the console, a web page over the API, is served at /console. */
  hasConsole: boolean
  /** The base URL of an OpenTelemetry collector. Null: no traces. */
  otlpEndpoint: string | null
  /** Warnings for the operator about settings that are a risk or may be a mistake. They quote no value of a setting. */
  warnings: readonly string[]
}

/** Lists all faults of the settings or of a callers file. No value is quoted, because any value may be a secret. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor (faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n` +
      `${faults.map(f => `  - ${f}`).join('\n')}`
    )
    this.faults = faults
  }
}

export const DEFAULT_STORAGE_HOSTS: readonly string[] = [
  'storage.googleapis.com',
  '*.storage.googleapis.com',
  '*.blob.core.windows.net'
]
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const GIB = 1024 ** 3

/**
 * Reads the settings of the service (docs/configuration.md). `readFile` reads the callers file and the files that it
 * names; with `givenCallers` it reads none. Throws ConfigError with all faults.
 */
export function loadConfig (
  env: NodeJS.ProcessEnv,
  readFile: (path: string) => string,
  givenCallers?: Callers
): Config {
  const settings = new Settings(env)
  const config: Omit<Config, 'warnings'> = {
    host: settings.text(
      'HOST', '127.0.0.1', isHost, 'the name or the address of this machine, an IPv6 address without brackets'
    ),
    port: settings.integer('PORT', 3000, 0, 65535),
    publicUrl: settings.origin('PUBLIC_URL'),
    logLevel: settings.text(
      'LOG_LEVEL', 'info', level => LOG_LEVELS.includes(level), `one of ${LOG_LEVELS.join(', ')}`
    ),
    connectBaseUrl: loadConnectUrl(settings),
    connectTimeoutMs: settings.integer('CONNECT_TIMEOUT_MS', 45_000, 100, 600_000),
    callers: givenCallers === undefined ? loadCallers(settings, readFile) : fixedCallers(givenCallers),
    uploadMaxBytes: settings.integer('UPLOAD_MAX_BYTES', 104_857_600, 1, 64 * GIB),
    uploadIdleTimeoutMs: settings.integer('UPLOAD_IDLE_TIMEOUT_MS', 30_000, 50, 3_600_000),
    rowsMaxBytes: settings.integer('ROWS_MAX_BYTES', 268_435_456, 1, 64 * GIB),
    bulkMaxBytes: settings.integer('BULK_MAX_BYTES', 268_435_456, 1, 64 * GIB),
    closeBatchSize: settings.integer('CLOSE_BATCH_SIZE', 500, 1, 10_000),
    closeConcurrency: settings.integer('CLOSE_CONCURRENCY', 4, 1, 16),
    drainTimeoutMs: settings.integer('DRAIN_TIMEOUT_MS', 25_000, 0, 3_600_000),
    storageHosts: loadStorageHosts(settings),
    corsOrigins: settings.words(
      'CORS_ORIGINS', [], isOrigin,
      'exact origins such as https://portal.example.com, comma-separated, without path or trailing slash'
    ),
    storeUrl: settings.text(
      'STORE_URL', 'file:./data/store', isStoreUrl,
      'file: and a folder, or a redis:// or rediss:// URL with a host and at most the number of a database, without ' +
      'a query, and no blank at its end'
    ),
    trustProxy: settings.words(
      'TRUST_PROXY', [], isCidr,
      'a comma-separated list of IP addresses or CIDR ranges, none of them the whole Internet'
    ),
    rateLimitPerMinute: settings.integer('RATE_LIMIT_PER_MINUTE', 600, 1, 1_000_000),
    metricsToken: settings.secret('METRICS_TOKEN'),
    hasConsole: settings.flag('CONSOLE_ENABLED', true),
    otlpEndpoint:
      settings.get('OTEL_EXPORTER_OTLP_ENDPOINT') === undefined ? null : settings.url('OTEL_EXPORTER_OTLP_ENDPOINT', '')
  }
  if (settings.faults.length > 0) throw new ConfigError(settings.faults)
  return Object.freeze({ ...config, warnings: [...settings.warnings, ...settings.nearMisses()] })
}

function loadConnectUrl (settings: Settings): string {
  const url = settings.url('CONNECT_BASE_URL', 'https://api.connect.cloudblue.com/public/v1')
  const isAllowed = settings.flag('CONNECT_ALLOW_HTTP', false)
  if (!URL.canParse(url) || new URL(url).protocol !== 'http:' || isLoopback(new URL(url).hostname)) return url
  const what = 'CONNECT_BASE_URL: is plain http, so that the Connect tokens can be read on their way'
  if (isAllowed) settings.warnings.push(what)
  else settings.faults.push(`${what}; use https, or set CONNECT_ALLOW_HTTP=true`)
  return url
}

function loadStorageHosts (settings: Settings): readonly string[] {
  const hosts = settings.words(
    'STORAGE_HOSTS', DEFAULT_STORAGE_HOSTS, isStorageHost, 'hosts, *.suffixes or full origins, comma-separated'
  )
  const isOpen = (host: string): boolean =>
    host.startsWith('http:') && isOrigin(host) && !isLoopback(new URL(host).hostname)
  if (hosts.some(isOpen)) {
    settings.warnings.push('STORAGE_HOSTS: has a plain http origin, so that workbooks can be read on their way')
  }
  return hosts
}

function loadCallers (settings: Settings, readFile: (path: string) => string): CallersSource {
  const path = settings.get('CALLERS_FILE')
  if (path === undefined) {
    settings.faults.push('CALLERS_FILE: is required')
    return fixedCallers({ entries: [] })
  }
  const { source, faults } = callersOfFile(path, readFile)
  settings.faults.push(...faults)
  return source
}
