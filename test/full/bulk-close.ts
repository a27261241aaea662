import { copyFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createHash } from 'node:crypto'
import { start } from '../smoke/processes.ts'
import type { Plan } from './fake-connect.ts'
import { speed } from './bulk-close-speed.ts'
import {
  bff, check, curl, home, isAll, json, LATENCY_MS, PARTNER_KEY, processes, RECORDS, table, TOKENS, writeBody
} from './bulk-close-fixture.ts'

const MILLION = 1_000_000
/**
 * How many MiB the process may have at its peak above its memory at rest: V8's young generation, which holds
 * garbage. V8 gives them back at rest.
 */
const MAX_OVER_REST = 64
/**
 * How many MiB the live heap may grow while 800,000 records are closed. One object that stays for each record would
 * take 50 MiB.
 */
const MAX_GROWTH = 4

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

function idOf (n: number): string {
  const row = String(n).padStart(8, '0')
  return `UR-2026-11-4410-7719-${row.slice(0, 4)}-${row.slice(4)}`
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
  for (const [count, form] of [[RECORDS, 'ndjson'], [MILLION, 'ndjson'], [MILLION, 'json']] as const) {
    const service = await bff(connect.origin, {}, ['--trace-gc'])
    // This close makes the service one that has been used: its code is compiled, and V8's young generation has been
    // filled once.
    await curl(service.origin, await writeBody(idsUpTo(RECORDS), form), form)
    const body = await writeBody(idsUpTo(count), form)
    const before = residentOf(service.pid, 'VmRSS')
    const collectedBefore = liveHeaps(service.output()).length
    forgetPeak(service.pid)
    const { ms, summary } = await curl(service.origin, body, form)
    const peak = residentOf(service.pid, 'VmHWM')
    check(
      `${count} records in ${form}`,
      `${(ms / 1000).toFixed(1)} s; ${before} MiB at rest, ${peak} at the peak, ${peak - before} more`,
      `${MAX_OVER_REST} MiB more`,
      peak - before <= MAX_OVER_REST && isAll(summary, count)
    )
    if (count === MILLION) checkGrowth(form, liveHeaps(service.output()).slice(collectedBefore))
    service.stop()
  }
}

/**
 * Checks that the live heap grows by at most MAX_GROWTH. `heaps` are its sizes in MiB after each collection of garbage;
 * the service collects after each 200,000 records.
 */
function checkGrowth (form: string, heaps: readonly number[]): void {
  const growth = (heaps.at(-1) ?? NaN) - (heaps[0] ?? NaN)
  check(
    `live heap of ${MILLION} records in ${form}`,
    `${heaps.join(', ')} MiB after each collection`,
    `${MAX_GROWTH} MiB more`,
    heaps.length >= 5 && growth <= MAX_GROWTH
  )
}

/**
 * Gives the size of the live heap in MiB after each collection of the whole heap, read from the output of `--trace-gc`.
 */
function liveHeaps (output: string): number[] {
  return [...output.matchAll(/Mark-Compact.*?-> ([\d.]+) \(/g)].map(([, mebibytes]) => Number(mebibytes))
}

/**
 * Gives the memory of a process in MiB: the present one (`VmRSS`), or the highest one so far (`VmHWM`). Gives 0 on
 * other systems than Linux.
 */
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
    // Only Linux has this file.
  }
}
