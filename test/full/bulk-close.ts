/**
 * Closing many records at full size, over processes of their own, with curl as the caller: how long 100,000 take, that
 * faults lose none and close none twice, and what memory a million take. Prints a table; exits with 1 when a condition
 * fails. Arguments name parts (`speed`, `faults`, `memory`); without any, all run.
 */
import { copyFileSync, createWriteStream, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createHash } from 'node:crypto'
import { writeUsageWorkbook } from '../../sandbox/src/workbooks/usage-file.ts'
import { start, type Started } from '../smoke/processes.ts'
import type { Plan } from './fake-connect.ts'

const MIB = 1024 * 1024
const RECORDS = 100_000
const MILLION = 1_000_000
const LATENCY_MS = 20
const PARTNER_KEY = 'full-run-partner-key-0123'
const TOKENS = { vendor: 'ApiKey SU-100-200-300:vendor', provider: 'ApiKey SU-400-500-600:provider' }

const home = mkdtempSync(join(tmpdir(), 'bulk-close-'))
const processes: Started[] = []
const table: { what: string, is: string, limit: string, ok: boolean }[] = []
const check = (what: string, is: string, limit: string, ok: boolean): void => {
  table.push({ what, is, limit, ok })
  console.log(`${ok ? 'ok    ' : 'NOT OK'} ${what}: ${is}${limit === '' ? '' : ` (limit ${limit})`}`)
}

try {
  await prepare()
  for (const [name, part] of Object.entries({ speed, faults, memory })) {
    if (process.argv.length === 2 || process.argv.includes(name)) await part()
  }
} finally {
  for (const one of processes) one.kill()
  rmSync(home, { recursive: true, force: true })
}
console.table(table)
process.exitCode = table.every(({ ok }) => ok) ? 0 : 1

async function prepare (): Promise<void> {
  copyFileSync('package.json', join(home, 'package.json'))
  symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
  const build = start('npm', ['run', '-s', 'bundle', '--', 'src/server.ts', `--outdir=${join(home, 'dist')}`])
  if (await build.exits(200_000) !== 0) throw new Error(build.output())
  writeFileSync(
    join(home, 'callers.json'),
    JSON.stringify({
      accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKey: TOKENS.provider } },
      callers: [
        {
          id: 'billing',
          account: 'acme',
          scopes: ['usage:read', 'usage:close'],
          keys: [{ id: 'k', sha256: createHash('sha256').update(PARTNER_KEY).digest('hex'), expiresAt: null }]
        }
      ]
    })
  )
}

/** A process of its own, with the flags of `npm start`; its origin. */
async function bff (
  connect: string,
  env: Record<string, string> = {}
): Promise<{ origin: string; pid: number; stop: () => void }> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  const flags = scripts.start.split(' ').slice(1, -1)
  const started = start(process.execPath, [...flags, 'dist/src/server.js'], {
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
  return { origin, pid: started.child.pid ?? 0, stop: started.kill }
}

interface Summary { requested: number, closed: number, refused: number, unknown: number }
type Form = 'ndjson' | 'json'

/** What a user would type. Gives the last line, the number of lines, and when the first one came. */
async function curl (
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
      // Not there yet.
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

function isAll (summary: Summary, count: number): boolean {
  return JSON.stringify(summary) === JSON.stringify({ requested: count, closed: count, refused: 0, unknown: 0 })
}

function idOf (n: number): string {
  const row = String(n).padStart(8, '0')
  return `UR-2026-11-4410-7719-${row.slice(0, 4)}-${row.slice(4)}`
}

async function writeBody (ids: Iterable<string>, form: Form): Promise<string> {
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

async function json<T> (url: string, method: string, body?: unknown, token?: string): Promise<T> {
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

async function speed (): Promise<void> {
  const sandbox = start(process.execPath, [resolve('sandbox/dist/main.js')], {
    cwd: home,
    env: { SANDBOX_PORT: '0', SANDBOX_PROCESSING_MS: '0', SANDBOX_CONTROL: '1', SANDBOX_SEED: 'small' }
  })
  processes.push(sandbox)
  const [origin] = await sandbox.prints(/http:\/\/127\.0\.0\.1:\d+/)
  const base = `${origin}/public/v1`
  const columns = [
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
  const perFile = 25_000
  const singles = 200
  const bytes = await writeUsageWorkbook(
    columns,
    Array.from({ length: perFile }, (_, n) => [
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
  )
  const ids: string[] = []
  for (let file = 0; ids.length < RECORDS + singles; file++) {
    const header = {
      name: `File ${file}`,
      period: { from: '2026-10-01', to: '2026-10-31' },
      product: { id: 'PRD-276-377-545' },
      contract: { id: 'CRD-10000-20000-30000' }
    }
    const { id } = await json<{ id: string }>(`${base}/usage/files`, 'POST', header, TOKENS.vendor)
    const form = new FormData()
    form.set('usage_file', new Blob([new Uint8Array(bytes)]), 'usage.xlsx')
    await json(`${base}/usage/files/${id}/upload`, 'POST', form, TOKENS.vendor)
    while (
      (await json<{ status: string }>(`${base}/usage/files/${id}`, 'GET', undefined, TOKENS.vendor)).status !== 'ready'
    ) { await new Promise(resolve => setTimeout(resolve, 50)) }
    await json(`${base}/usage/files/${id}/submit`, 'POST', {}, TOKENS.vendor)
    await json(`${base}/usage/files/${id}/accept`, 'POST', {}, TOKENS.provider)
    for (let offset = 0; offset < perFile; offset += 1000) {
      const page = await json<{ id: string }[]>(
        `${base}/usage/records?usagefile.id=${id}&status=approved&ordering(created_time)&limit=1000&offset=${offset}`,
        'GET',
        undefined,
        TOKENS.provider
      )
      ids.push(...page.map(record => record.id))
    }
  }
  const [single, many] = [ids.slice(0, singles), ids.slice(singles, singles + RECORDS)]
  await json(`${origin}/__control/faults`, 'POST', { match: {}, times: 0, fault: { type: 'delay', ms: LATENCY_MS } })
  const startedAt = performance.now()
  for (const id of single) {
    await json(`${base}/usage/records/${id}/close`, 'POST', { external_billing_id: 'INV-0' }, TOKENS.provider)
  }
  const oneByOne = (performance.now() - startedAt) / singles * RECORDS

  const service = await bff(origin)
  const { ms, firstMs, lines, summary } = await curl(service.origin, await writeBody(many, 'ndjson'), 'ndjson')
  const { closes } = await json<{ closes: Record<string, number> }>(`${origin}/__control/summary`, 'GET')
  check(`${RECORDS} records, one call each`, `${(oneByOne / 1000).toFixed(0)} s`, '', true)
  check(
    `${RECORDS} records, one curl`,
    `${(ms / 1000).toFixed(1)} s, ${(oneByOne / ms).toFixed(0)} times faster`,
    '50 times',
    ms * 50 <= oneByOne
  )
  check('first outcome seen after', `${firstMs.toFixed(0)} ms`, 'half the time', firstMs > 0 && firstMs < ms / 2)
  check('outcomes', `${lines}, ${JSON.stringify(summary)}`, 'all closed', lines === RECORDS && isAll(summary, RECORDS))
  check(
    'closed once each in the ledger',
    String(many.filter(id => closes[id] === 1).length),
    String(RECORDS),
    many.every(id => closes[id] === 1)
  )
  service.stop()
  sandbox.kill()
}

interface Ledger { records: number, billings: string[], batches: number, rows: number, earlyCalls: number }

async function fakeConnect (): Promise<{
  origin: string
  plan: (plan: Plan, keeps: boolean) => Promise<void>
  ledger: () => Promise<Ledger>
}> {
  const fake = start(process.execPath, ['build/test/full/fake-connect.js'])
  processes.push(fake)
  const [origin] = await fake.prints(/http:\/\/127\.0\.0\.1:\d+/)
  return {
    origin,
    plan: async (plan, keeps) => {
      await json(`${origin}/plan`, 'POST', { ...plan, keeps })
    },
    ledger: async () => await json<Ledger>(`${origin}/ledger`, 'GET')
  }
}

function * idsUpTo (count: number): Generator<string, void, void> {
  for (let n = 0; n < count; n++) yield idOf(n)
}

async function faults (): Promise<void> {
  const connect = await fakeConnect()
  const service = await bff(connect.origin, { CONNECT_TIMEOUT_MS: '5000' })
  await connect.plan(
    {
      latencyMs: LATENCY_MS,
      batches: {
        3: 'before-500',
        20: 'after-500',
        40: 'hang',
        60: 'drop-rows',
        80: { throttleSeconds: 2 },
        100: 'reset'
      }
    },
    true
  )
  const { ms, lines, summary } = await curl(service.origin, await writeBody(idsUpTo(RECORDS), 'ndjson'), 'ndjson')
  const ledger = await connect.ledger()
  check(
    'with faults: outcomes',
    `${lines}, ${JSON.stringify(summary)}, ${(ms / 1000).toFixed(1)} s`,
    'all closed',
    lines === RECORDS && isAll(summary, RECORDS)
  )
  check(
    'with faults: closed in the ledger',
    `${ledger.records} with ${ledger.billings.join()}`,
    String(RECORDS),
    ledger.records === RECORDS && ledger.billings.join() === 'INV-1'
  )
  check('calls before the time that Connect named', String(ledger.earlyCalls), '0', ledger.earlyCalls === 0)
  service.stop()
}

async function memory (): Promise<void> {
  const connect = await fakeConnect()
  await connect.plan({}, false)
  const peaks: Record<string, number> = {}
  for (const [count, form] of [[RECORDS, 'ndjson'], [MILLION, 'ndjson'], [MILLION, 'json']] as const) {
    const service = await bff(connect.origin)
    // A service that has been used: compiled code is there, and V8's young generation has been filled once.
    await curl(service.origin, await writeBody(idsUpTo(RECORDS), form), form)
    const body = await writeBody(idsUpTo(count), form)
    const before = residentOf(service.pid, 'VmRSS')
    forgetPeak(service.pid)
    const { ms, summary } = await curl(service.origin, body, form)
    const peak = residentOf(service.pid, 'VmHWM')
    peaks[`${count} ${form}`] = peak
    check(
      `${count} records in ${form}`,
      `${(ms / 1000).toFixed(1)} s; ${before} MiB at rest, ${peak} at the peak, ${peak - before} more`,
      '32 MiB more',
      peak - before <= 32 && isAll(summary, count)
    )
    service.stop()
  }
  for (const form of ['ndjson', 'json']) {
    const difference = (peaks[`${MILLION} ${form}`] ?? NaN) - (peaks[`${RECORDS} ndjson`] ?? NaN)
    check(`ten times the records, ${form}`, `${difference} MiB more at the peak`, '32 MiB', difference <= 32)
  }
}

/** MiB. Linux knows the peak; elsewhere there is nothing to compare. */
function residentOf (pid: number, name: 'VmRSS' | 'VmHWM'): number {
  try {
    return Math.round(
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
    )
  } catch {
    return 0
  }
}

function forgetPeak (pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // Not on Linux.
  }
}
