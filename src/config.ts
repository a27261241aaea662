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
  /** The most bytes in the body of a bulk close. */
  bulkMaxBytes: number
  /** The most records in one call of a bulk close. */
  closeBatchSize: number
  /** The most calls of one bulk close that run at the same time. */
  closeConcurrency: number
  drainTimeoutMs: number
  storageHosts: readonly string[]
  /** Origins whose pages may call this service, exactly as browsers send them. */
  corsOrigins: readonly string[]
  /** `file:<folder>`, `redis://…` or `rediss://…`. May hold a password. */
  storeUrl: string
  trustProxy: readonly string[]
  /** The most requests of one caller in a minute. */
  rateLimitPerMinute: number
  /** The token that `/metrics` asks for. Null: `/metrics` answers requests from the same machine only. */
  metricsToken: string | null
  /** The base URL of an OpenTelemetry collector. Null: no traces. */
  otlpEndpoint: string | null
}

/** All faults of the environment. The message quotes no value, because any value may be a secret. */
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
const GIB = 1024 ** 3
const STORAGE_HOST = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/

/**
 * Reads the settings of the service (docs/configuration.md) from the environment. `readFile` reads the callers file;
 * with `givenCallers` (the demo) it is not read. Throws ConfigError with all faults.
 */
export function loadConfig (
  env: NodeJS.ProcessEnv,
  readFile: (path: string) => string,
  givenCallers?: Callers
): Config {
  const settings = new Settings(env)
  const config: Config = {
    host: settings.get('HOST') ?? '127.0.0.1',
    port: settings.integer('PORT', 3000, 0, 65535),
    publicUrl: settings.origin('PUBLIC_URL'),
    logLevel: settings.text(
      'LOG_LEVEL', 'info', level => LOG_LEVELS.includes(level), `one of ${LOG_LEVELS.join(', ')}`
    ),
    connectBaseUrl: settings.url('CONNECT_BASE_URL', 'https://api.connect.cloudblue.com/public/v1'),
    connectTimeoutMs: settings.integer('CONNECT_TIMEOUT_MS', 45_000, 100, 600_000),
    callers: givenCallers === undefined ? loadCallers(settings, readFile) : fixedCallers(givenCallers),
    uploadMaxBytes: settings.integer('UPLOAD_MAX_BYTES', 104_857_600, 1, 64 * GIB),
    uploadIdleTimeoutMs: settings.integer('UPLOAD_IDLE_TIMEOUT_MS', 30_000, 50, 3_600_000),
    bulkMaxBytes: settings.integer('BULK_MAX_BYTES', 268_435_456, 1, 64 * GIB),
    closeBatchSize: settings.integer('CLOSE_BATCH_SIZE', 500, 1, 10_000),
    closeConcurrency: settings.integer('CLOSE_CONCURRENCY', 4, 1, 16),
    drainTimeoutMs: settings.integer('DRAIN_TIMEOUT_MS', 25_000, 0, 3_600_000),
    storageHosts: settings.words(
      'STORAGE_HOSTS', DEFAULT_STORAGE_HOSTS, isStorageHost, 'hosts, *.suffixes or full origins, comma-separated'
    ),
    corsOrigins: settings.words(
      'CORS_ORIGINS', [], isOrigin,
      'exact origins such as https://portal.example.com, comma-separated, without path or trailing slash'
    ),
    storeUrl: settings.text(
      'STORE_URL', 'file:./data/store', isStoreUrl, 'file: and a folder, or a redis:// or rediss:// URL'
    ),
    trustProxy: settings.words(
      'TRUST_PROXY', [], isCidr,
      'a comma-separated list of IP addresses or CIDR ranges, none of them the whole Internet'
    ),
    rateLimitPerMinute: settings.integer('RATE_LIMIT_PER_MINUTE', 600, 1, 1_000_000),
    metricsToken: settings.secret('METRICS_TOKEN'),
    otlpEndpoint:
      settings.get('OTEL_EXPORTER_OTLP_ENDPOINT') === undefined ? null : settings.url('OTEL_EXPORTER_OTLP_ENDPOINT', '')
  }
  if (settings.faults.length > 0) throw new ConfigError(settings.faults)
  return Object.freeze(config)
}

/** Reads single variables. Adds a fault for each value that is not valid, and goes on with the default. */
class Settings {
  readonly faults: string[] = []
  readonly #env: NodeJS.ProcessEnv

  constructor (env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** An empty variable counts as not set. */
  get (name: string): string | undefined {
    return this.#env[name] === '' ? undefined : this.#env[name]
  }

  /** `what` completes the sentence "must be …". */
  text (name: string, fallback: string, isValid: (text: string) => boolean, what: string): string {
    const text = this.get(name) ?? fallback
    if (!isValid(text)) this.faults.push(`${name}: must be ${what}`)
    return text
  }

  integer (name: string, fallback: number, min: number, max: number): number {
    const text = this.get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    this.faults.push(`${name}: must be a whole number from ${min} to ${max}`)
    return fallback
  }

  /** A comma-separated list. `what` as for `text`. */
  words (
    name: string, fallback: readonly string[], isValid: (word: string) => boolean, what: string
  ): readonly string[] {
    const text = this.get(name)
    if (text === undefined) return fallback
    const list = text.split(',').map(word => word.trim()).filter(word => word !== '')
    if (list.length === 0 || !list.every(isValid)) this.faults.push(`${name}: must be ${what}`)
    return list
  }

  /** Gives the URL without slashes at its end. */
  url (name: string, fallback: string): string {
    const text = this.get(name)
    if (text === undefined) return fallback
    if (!isPlainUrl(text)) this.faults.push(`${name}: must be an http(s) URL without credentials, query or fragment`)
    return text.replace(/\/+$/, '')
  }

  origin (name: string): string | null {
    if (this.get(name) === undefined) return null
    const text = this.url(name, '')
    if (isPlainUrl(text) && new URL(text).pathname !== '/') {
      this.faults.push(`${name}: must have no path, because the paths in answers begin at /v1`)
    }
    return text
  }

  secret (name: string): string | null {
    const text = this.get(name)
    if (text === undefined) return null
    if (!/^[\x21-\x7e]{16,256}$/.test(text)) this.faults.push(`${name}: must be 16 to 256 visible ASCII characters`)
    return text
  }
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

/** Whether a word is an origin as browsers send it: lower case, no default port, no slash at the end. */
function isOrigin (word: string): boolean {
  return isPlainUrl(word) && !word.includes('*') && new URL(word).origin === word
}

/**
 * Whether a word is an IP address or a CIDR range. Numbers and `true` are refused, because Fastify would trust no
 * proxy, or every one (CVE-2026-16732).
 */
function isCidr (word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  )
}
