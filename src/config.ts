import { isIP } from 'node:net'
import type { Callers } from './credentials/callers.ts'
import { callersOfFile, fixedCallers, type CallersSource } from './credentials/callers-source.ts'

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
  /** Largest body that closes many records. */
  bulkMaxBytes: number
  /** Records in one call to Connect, and calls at once. */
  closeBatchSize: number
  closeConcurrency: number
  drainTimeoutMs: number
  storageHosts: readonly string[]
  /** Origins whose pages may call, exactly as browsers send them. */
  corsOrigins: readonly string[]
  /** `file:<folder>`, `redis://…` or `rediss://…`; may hold a password. */
  storeUrl: string
  trustProxy: readonly string[]
  /** Requests of a caller. */
  rateLimitPerMinute: number
  /** What `/metrics` asks for; null: it answers the same machine only. */
  metricsToken: string | null
  /** The base URL of an OpenTelemetry collector; null: no traces. */
  otlpEndpoint: string | null
}

/** Every fault of the environment at once; no message quotes a value that could be a secret. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor (faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n` +
      `${faults.map(f => `  - ${f}`).join('\n')}`
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

export const DEFAULT_STORAGE_HOSTS: readonly string[] = [
  'storage.googleapis.com',
  '*.storage.googleapis.com',
  '*.blob.core.windows.net'
]
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const STORAGE_HOST = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/

/**
 * Reads the service's settings (docs/configuration.md).
 * Takes the environment, a file reader, and optionally the callers themselves (the sandbox brings its own).
 * Throws ConfigError with every fault found.
 */
export function loadConfig (
  env: NodeJS.ProcessEnv,
  readFile: (path: string) => string,
  givenCallers?: Callers
): Config {
  const faults: string[] = []
  const get = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const text = get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    faults.push(`${name}: must be a whole number from ${min} to ${max}`)
    return fallback
  }
  const words = (
    name: string,
    fallback: readonly string[],
    isValid: (word: string) => boolean,
    what: string
  ): readonly string[] => {
    const text = get(name)
    if (text === undefined) return fallback
    const list = text
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== '')
    if (list.length === 0 || !list.every(isValid)) faults.push(`${name}: must be ${what}`)
    return list
  }
  const url = (name: string, fallback: string): string => {
    const text = get(name)
    if (text === undefined) return fallback
    if (!isPlainUrl(text)) faults.push(`${name}: must be an http(s) URL without credentials, query or fragment`)
    return text.replace(/\/+$/, '')
  }

  const origin = (name: string): string | null => {
    if (get(name) === undefined) return null
    const text = url(name, '')
    if (isPlainUrl(text) && new URL(text).pathname !== '/') {
      faults.push(`${name}: must have no path, because the paths in answers begin at /v1`)
    }
    return text
  }
  const secret = (name: string): string | null => {
    const text = get(name)
    if (text === undefined) return null
    if (!/^[\x21-\x7e]{16,256}$/.test(text)) faults.push(`${name}: must be 16 to 256 visible ASCII characters`)
    return text
  }

  const logLevel = get('LOG_LEVEL') ?? 'info'
  if (!LOG_LEVELS.includes(logLevel)) faults.push(`LOG_LEVEL: must be one of ${LOG_LEVELS.join(', ')}`)
  const config: Config = {
    host: get('HOST') ?? '127.0.0.1',
    port: integer('PORT', 3000, 0, 65535),
    publicUrl: origin('PUBLIC_URL'),
    logLevel,
    rateLimitPerMinute: integer('RATE_LIMIT_PER_MINUTE', 600, 1, 1_000_000),
    connectBaseUrl: url('CONNECT_BASE_URL', 'https://api.connect.cloudblue.com/public/v1'),
    connectTimeoutMs: integer('CONNECT_TIMEOUT_MS', 45_000, 100, 600_000),
    callers:
      givenCallers === undefined ? loadCallers(get('CALLERS_FILE'), readFile, faults) : fixedCallers(givenCallers),
    uploadMaxBytes: integer('UPLOAD_MAX_BYTES', 104_857_600, 1, 64 * 1024 ** 3),
    uploadIdleTimeoutMs: integer('UPLOAD_IDLE_TIMEOUT_MS', 30_000, 50, 3_600_000),
    bulkMaxBytes: integer('BULK_MAX_BYTES', 268_435_456, 1, 64 * 1024 ** 3),
    closeBatchSize: integer('CLOSE_BATCH_SIZE', 500, 1, 10_000),
    closeConcurrency: integer('CLOSE_CONCURRENCY', 4, 1, 16),
    drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', 25_000, 0, 3_600_000),
    storageHosts: words(
      'STORAGE_HOSTS',
      DEFAULT_STORAGE_HOSTS,
      isStorageHost,
      'hosts, *.suffixes or full origins, comma-separated'
    ),
    corsOrigins: words(
      'CORS_ORIGINS',
      [],
      isOrigin,
      'exact origins such as https://portal.example.com, comma-separated, without path or trailing slash'
    ),
    storeUrl: get('STORE_URL') ?? 'file:./data/store',
    trustProxy: words(
      'TRUST_PROXY',
      [],
      isCidr,
      'a comma-separated list of IP addresses or CIDR ranges, none of them the whole Internet'
    ),
    metricsToken: secret('METRICS_TOKEN'),
    otlpEndpoint: get('OTEL_EXPORTER_OTLP_ENDPOINT') === undefined ? null : url('OTEL_EXPORTER_OTLP_ENDPOINT', '')
  }
  if (!isStoreUrl(config.storeUrl)) faults.push('STORE_URL: must be file: and a folder, or a redis:// or rediss:// URL')
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(config)
}

function loadCallers (path: string | undefined, readFile: (path: string) => string, faults: string[]): CallersSource {
  if (path === undefined) {
    faults.push('CALLERS_FILE: is required')
    return fixedCallers({ entries: [] })
  }
  const { source, faults: found } = callersOfFile(path, readFile)
  faults.push(...found)
  return source
}

function isPlainUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  )
}

function isStoreUrl (text: string): boolean {
  return /^file:.*[^:/]/.test(text) || (/^rediss?:\/\/./.test(text) && URL.canParse(text))
}

function isStorageHost (word: string): boolean {
  return STORAGE_HOST.test(word) || isOrigin(word)
}

/** As browsers write it: lower case, no default port, no slash at the end. */
function isOrigin (word: string): boolean {
  return isPlainUrl(word) && !word.includes('*') && new URL(word).origin === word
}

/** Numbers and `true` are refused: Fastify would trust nobody, or everybody (CVE-2026-16732). */
function isCidr (word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  )
}
