import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start, type Started } from '../smoke/processes.ts'

const MIB = 1024 * 1024
export const RECORDS = 100_000

export const LATENCY_MS = 20
export const PARTNER_KEY = 'full-run-partner-key-0123'
export const TOKENS = { vendor: 'ApiKey SU-100-200-300:vendor', provider: 'ApiKey SU-400-500-600:provider' }

export const home = mkdtempSync(join(tmpdir(), 'bulk-close-'))
export const processes: Started[] = []
export const table: { what: string, is: string, limit: string, ok: boolean }[] = []
export const check = (what: string, is: string, limit: string, ok: boolean): void => {
  table.push({ what, is, limit, ok })
  console.log(`${ok ? 'ok    ' : 'NOT OK'} ${what}: ${is}${limit === '' ? '' : ` (limit ${limit})`}`)
}

/**
 * Starts the built service in a process of its own, with the flags of `npm start` and with `moreFlags`. Gives its
 * address, its process id, what it has printed so far, and a function that kills it.
 */
export async function bff (
  connect: string,
  env: Record<string, string> = {},
  moreFlags: readonly string[] = []
): Promise<{ origin: string; pid: number; output: () => string; stop: () => void }> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  const flags = scripts.start.split(' ').slice(1, -1)
  const started = start(process.execPath, [...flags, ...moreFlags, 'dist/src/server.js'], {
    cwd: home,
    env: {
      PORT: '0',
      CALLERS_FILE: join(home, 'callers.json'),
      CONNECT_BASE_URL: `${connect}/public/v1`,
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...env
    }
  })
  processes.push(started)
  const [origin] = await started.prints(/http:\/\/127\.0\.0\.1:\d+/)
  return { origin, pid: started.child.pid ?? 0, output: started.output, stop: started.kill }
}

interface Summary { requested: number, closed: number, refused: number, unknown: number }
type Form = 'ndjson' | 'json'

/**
 * Sends a bulk close by curl, as a user would; `path` is the file with the body. Gives the milliseconds until the end
 * of the answer and until its beginning, the number of its lines before the summary, and the summary.
 */
export async function curl (
  origin: string,
  path: string,
  form: Form
): Promise<{ ms: number; firstMs: number; lines: number; summary: Summary }> {
  const type = `application/${form === 'json' ? 'json' : 'x-ndjson'}`
  const startedAt = performance.now()
  const child = start('curl', [
    '-sS',
    '-N',
    '-X',
    'POST',
    '-T',
    path,
    '-H',
    `x-api-key: ${PARTNER_KEY}`,
    '-H',
    `content-type: ${type}`,
    '-H',
    `accept: ${type}`,
    '-o',
    join(home, 'answer'),
    `${origin}/v1/usage-records/close`
  ])
  const ended = child.exits(900_000)
  let firstMs = 0
  const watch = setInterval(() => {
    try {
      if (readFileSync(join(home, 'answer')).length > 2) firstMs ||= performance.now() - startedAt
    } catch {
      // curl has not made the file yet.
    }
    if (firstMs > 0) clearInterval(watch)
  }, 20)
  const code = await ended
  clearInterval(watch)
  const ms = performance.now() - startedAt
  const answer = readFileSync(join(home, 'answer'), 'utf8')
  rmSync(join(home, 'answer'))
  if (code !== 0) throw new Error(`curl ended with ${String(code)}: ${child.output()}`)
  const lines = answer.trimEnd().split('\n')
  const { summary } = JSON.parse(form === 'json' ? answer : (lines.at(-1) ?? '')) as { summary: Summary }
  return { ms, firstMs, lines: lines.length - 1, summary }
}

export function isAll (summary: Summary, count: number): boolean {
  return JSON.stringify(summary) === JSON.stringify({ requested: count, closed: count, refused: 0, unknown: 0 })
}

export async function writeBody (ids: Iterable<string>, form: Form): Promise<string> {
  const path = join(home, `body.${form}`)
  const file = createWriteStream(path)
  let text = form === 'json' ? '{"externalBillingId":"INV-1","records":[' : ''
  let isFirst = true
  for (const id of ids) {
    text +=
      form === 'json'
        ? `${isFirst ? '' : ','}{"id":"${id}","externalBillingNote":"October"}`
        : `{"id":"${id}","externalBillingId":"INV-1","externalBillingNote":"October"}\n`
    isFirst = false
    if (text.length < MIB) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(form === 'json' ? `${text}]}` : text)
  await once(file, 'close')
  return path
}

export async function json<T> (url: string, method: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: token }),
      ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`)
  return (text === '' ? null : JSON.parse(text)) as T
}
