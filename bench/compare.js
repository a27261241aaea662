/**
 * `node bench/compare.js <folder> <folder>…`: measures several builds of the service in turn, to see what a change
 * costs. A folder holds `dist/`, `package.json` (the flags of `npm start`) and `node_modules/` of one build. Prints one
 * Markdown table, one row for each folder: the medians of the rounds, and in parentheses the ratio to the first folder.
 * `--rounds=5` says how many rounds. Linux only.
 */
import { basename, resolve } from 'node:path'
import { startService } from './contenders/service.js'
import { closeRecords } from './lib/close-records.js'
import { ask, SERVICE } from './lib/apis.js'
import { takeLedger } from './lib/ledger.js'
import { amountFor, load } from './lib/load.js'
import { startProcess, stopAll } from './lib/process.js'
import { note, number, table } from './lib/report.js'
import { interleave, median } from './lib/rounds.js'
import { MIB, upload } from './lib/upload.js'

const FIELDS = {
  startMs: 'start ms',
  idleRss: 'idle RSS MiB',
  detail: 'detail CPU µs',
  list: 'list of 100 CPU µs',
  jsonRss: 'RSS after both MiB',
  upload: 'upload CPU s/GiB',
  uploadPeak: 'its peak RSS MiB',
  bulk: 'bulk close of 100,000 CPU s',
  bulkPeak: 'its peak RSS MiB'
}
const UPLOAD_MIB = 256
const RECORDS = 100_000

const folders = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
const rounds = Number(/^--rounds=(\d+)$/.exec(process.argv.find(arg => arg.startsWith('--rounds=')) ?? '')?.[1] ?? 5)
if (folders.length === 0 || rounds < 1) {
  console.error('node bench/compare.js [--rounds=5] <folder of a build>…')
  process.exit(2)
}

const builds = folders.map(folder => ({ name: basename(resolve(folder)), cwd: resolve(folder), amounts: new Map() }))
try {
  const upstream = await startUpstream()
  const samples = await interleave(builds, rounds, async (build, round) => {
    const sample = {
      ...await withServer(upstream, build, async (server) => await json(server, build.amounts)),
      ...await withServer(upstream, build, uploads),
      ...await withServer(upstream, build, async (server) => await bulkClose(server, upstream))
    }
    note(`round ${round + 1}, ${build.name}: done`)
    return sample
  })
  print(samples)
} finally {
  await stopAll()
}
process.exit(0)

async function startUpstream () {
  const script = new URL('upstream/server.js', import.meta.url).pathname
  return await startProcess({
    name: 'upstream', command: process.execPath, args: [script], env: {}, listening: /listening at (\S+)/
  })
}

/** Each kind of work has a new process: what one leaves in memory does not hide what the next one takes. */
async function withServer (upstream, { name, cwd }, work) {
  const server = await startService(upstream.origin, { name, cwd })
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

async function json (server, amounts) {
  const { startMs } = server
  const idleRss = await server.restingRss(1)
  const detail = await get(server, SERVICE.detailPath, amounts)
  const list = await get(server, SERVICE.listPath(100), amounts)
  return { startMs, idleRss, detail, list, jsonRss: await server.restingRss(1) }
}

/** CPU of one GET in microseconds. Each process is warmed up; the amount is that of the build's first round. */
async function get (server, path, amounts) {
  const { bytes } = await ask(server.origin, path, SERVICE.headers)
  const what = { path, headers: SERVICE.headers, connections: 50, bytes }
  const fitting = await amountFor(server, what, 2)
  if (!amounts.has(path)) amounts.set(path, fitting)
  return (await load(server, { ...what, amount: amounts.get(path) })).cpuMicros
}

async function uploads (server) {
  await upload(server.origin, SERVICE, 64 * MIB)
  const { cpu, peak } = await cost(server, async () => { await upload(server.origin, SERVICE, UPLOAD_MIB * MIB) })
  return { upload: cpu * 1024 / UPLOAD_MIB, uploadPeak: peak }
}

async function bulkClose (server, upstream) {
  await takeLedger(upstream.origin)
  const close = async () => { await closeRecords(server.origin, { count: RECORDS, form: 'ndjson' }) }
  await close()
  const { cpu, peak } = await cost(server, close)
  return { bulk: cpu, bulkPeak: peak }
}

/** CPU in seconds, and the highest resident size, in MiB. */
async function cost (server, work) {
  await server.restingRss(0.3)
  server.forgetPeak()
  const before = server.cpuSeconds()
  await work()
  return { cpu: server.cpuSeconds() - before, peak: server.peakRss() }
}

function print (samples) {
  const first = samples.get(builds[0])
  table(['', ...Object.values(FIELDS)], builds.map(build => [
    build.name,
    ...Object.keys(FIELDS).map(field => {
      const own = median(samples.get(build), field)
      return `${number(own)} (${(own / median(first, field)).toFixed(2)})`
    })
  ]))
}
