import { buildSandbox } from './app.ts'
import { basePath } from './http/request-context.ts'
import type { SandboxOptions } from './options.ts'

const faults: string[] = []

function number (name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || !Number.isFinite(value)) faults.push(`${name} is not a number`)
  return value
}

/** Without a value it gives the first choice. For a wrong value it notes a fault, and gives the first choice, too. */
function choice<T extends string> (name: string, choices: readonly [T, ...T[]]): T {
  const text = process.env[name] ?? ''
  const found = text === '' ? choices[0] : choices.find((one) => one === text)
  if (found === undefined) faults.push(`${name} must be one of ${choices.join(', ')}`)
  return found ?? choices[0]
}

function isMoment (text: string): boolean {
  return /^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text))
}

const isOn = (name: string): boolean => process.env[name] === '1'

const port = number('SANDBOX_PORT', 4010)
const host = process.env['SANDBOX_HOST'] ?? '127.0.0.1'
const linkSeconds = process.env['SANDBOX_LINK_SECONDS']
const options: Partial<SandboxOptions> = {
  seed: choice('SANDBOX_SEED', ['full', 'small']),
  processingMs: number('SANDBOX_PROCESSING_MS', 1500),
  control: isOn('SANDBOX_CONTROL'),
  linkSeconds: linkSeconds === undefined || linkSeconds === '' ? null : number('SANDBOX_LINK_SECONDS', 0),
  baseDate: process.env['SANDBOX_BASE_DATE'] ?? '2026-11-01T00:00:00Z',
  legacy200: isOn('SANDBOX_LEGACY_200'),
  restsInUploaded: isOn('SANDBOX_REST_IN_UPLOADED'),
  strictFilters: isOn('SANDBOX_STRICT_FILTERS'),
  refuseLateRows: isOn('SANDBOX_REFUSE_LATE_ROWS'),
  exactNumbers: isOn('SANDBOX_EXACT_NUMBERS'),
  defaultRule: choice('SANDBOX_DEFAULT_RULE', ['manual', 'accept', 'reject']),
  autoCloseFile: isOn('SANDBOX_AUTO_CLOSE_FILE')
}
if (!isMoment(options.baseDate ?? '')) faults.push('SANDBOX_BASE_DATE is not a date, or a time with its zone')
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}

const { app } = await buildSandbox(options)
const address = await app.listen({ port, host })
console.log(`Sandbox Connect: ${address}${basePath}`)

let isStopping = false
const stop = (): void => {
  if (isStopping) return
  isStopping = true
  void app.close().then(() => process.exit(0), () => process.exit(1))
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
// When a parent process has an IPC channel to the sandbox (`npm run sandbox`), the sandbox stops when the parent ends.
process.once('disconnect', stop)
