/** What a caller waits for: one read, and operations that need several calls to Connect, which takes 20 ms for each. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPeer } from '../contenders/peer.js'
import { keyOf, root, startService } from '../contenders/service.js'
import { ask as askRight, CONNECT, SERVICE } from '../lib/apis.js'
import { load } from '../lib/load.js'
import { startProcess } from '../lib/process.js'
import { number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'
import { startDelayed } from '../upstream/delayed.js'

const SERVICE_NAME = 'through the service'
const PROXY = 'through @fastify/http-proxy, which only pipes'
const LATENCY_MS = 20
/** Requests of one side in a round. */
const READS = 100
/** Of each side, before. */
const WARMING_READS = 5_000
const RECORDS = 2_000
const FILES = 1_000
const PRODUCT = { id: 'PRD-276-377-545' }
const CONTRACT = { id: 'CRD-10000-20000-30000' }
const CREDENTIALS = {
  'SU-100-200-300': 'ApiKey SU-100-200-300:vendor', 'SU-400-500-600': 'ApiKey SU-400-500-600:provider'
}

export async function waits ({ startUpstream, isQuick }) {
  say('## What a caller waits for')
  say()
  await measureRead(startUpstream, isQuick ? 3 : 10)
  await measureOperations(isQuick ? 3 : 7)
}

/**
 * One reader, one request after the other: of Connect itself, through the service, and through a proxy that only pipes,
 * which is the floor of a second process on the way. Each has answered many requests before, as a process of some hours
 * has.
 */
async function measureRead (startUpstream, rounds) {
  const upstream = await startUpstream()
  const connect = await startDelayed(upstream.origin, LATENCY_MS)
  const sides = [
    { name: 'Connect itself', api: CONNECT, server: upstream, origin: connect.origin },
    { name: SERVICE_NAME, api: SERVICE, server: await startService(connect.origin) },
    { name: PROXY, api: CONNECT, server: await startPeer('http-proxy.js', connect.origin) }
  ]
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times = new Map(sides.map(side => [side, []]))
  for (const { api: { detailPath: path, headers }, server } of sides) {
    const { bytes } = await askRight(server.origin, path, headers)
    await load(server, { path, headers, connections: 30, amount: WARMING_READS, bytes })
  }
  await interleave(sides, rounds + 1, async (side, round) => {
    const { api: { detailPath, headers }, server: { origin } } = side
    for (let n = 0; n < READS; n += 1) {
      const begin = performance.now()
      await get((side.origin ?? origin) + detailPath, { headers, agent })
      if (round > 0) times.get(side).push(performance.now() - begin)
    }
    return null
  })
  agent.destroy()
  connect.stop()
  const [direct, ...others] = sides.map(side => times.get(side).sort((a, b) => a - b))
  const added = (own, part) => quantile(own, part) - quantile(direct, part)
  say(`### One read of a usage file, Connect at ${LATENCY_MS} ms`)
  say()
  table(['', 'p50 ms', 'p99 ms', 'added, p50', 'added, p99'], sides.map((side, at) => {
    const own = times.get(side)
    const more = at === 0 ? ['', ''] : [number(added(own, 0.5)), number(added(own, 0.99))]
    return [side.name, number(quantile(own, 0.5)), number(quantile(own, 0.99)), ...more]
  }))
  target('added to one read, p50', added(others[0], 0.5), 1, 'ms')
  target('added to one read, p99', added(others[0], 0.99), 3, 'ms')
}

/** Against the sandbox: calls to Connect, and the time of the answer. */
async function measureOperations (rounds) {
  const { status } = spawnSync('npm', ['run', '-s', 'build', '-w', 'sandbox'], { cwd: root, stdio: ['ignore', 2, 2] })
  assert.equal(status, 0)
  const sandbox = await startProcess({
    name: 'sandbox', command: process.execPath, args: [join(root, 'sandbox/dist/main.js')],
    env: { SANDBOX_PORT: '0', SANDBOX_SEED: 'small', SANDBOX_PROCESSING_MS: '0' },
    listening: /(http:\/\/127\.0\.0\.1:\d+)/
  })
  const fast = await startDelayed(sandbox.origin, 0, CREDENTIALS)
  await fill(fast.origin)
  const feeder = await startService(fast.origin)
  const connect = await startDelayed(sandbox.origin, LATENCY_MS, CREDENTIALS)
  const service = await startService(connect.origin)
  const rows = []
  for (const one of OPERATIONS) {
    const samples = []
    for (let round = 0; round <= rounds; round += 1) {
      const what = await one.prepare(feeder.origin)
      connect.calls.length = 0
      const begin = performance.now()
      const text = await ask(service.origin, what)
      const ms = performance.now() - begin
      one.check(text)
      if (round > 0) samples.push({ ms, calls: connect.calls.length })
    }
    const ms = median(samples, 'ms')
    rows.push([
      one.name, one.least.calls, median(samples, 'calls'), one.least.turns * LATENCY_MS, number(ms),
      number(ms / (one.least.turns * LATENCY_MS))
    ])
  }
  fast.stop()
  connect.stop()
  say(`### Operations of several calls, Connect at ${LATENCY_MS} ms (the sandbox)`)
  say()
  say('The least is what no service could go below: the fewest calls, and those at the same time that need nothing of')
  say('each other.')
  say()
  table(['', 'least calls', 'calls', 'least ms', 'ms', '÷ least'], rows)
}

const fileRequest = { product: PRODUCT, contract: CONTRACT, period: { from: '2026-10-01', to: '2026-10-31' } }

/** Makes Connect list a thousand files. */
async function fill (origin) {
  for (let n = 0; n < FILES; n += 50) {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const response = await fetch(`${origin}/public/v1/usage/files`, {
        method: 'POST',
        headers: { authorization: 'ApiKey SU-100-200-300', 'content-type': 'application/json' },
        body: JSON.stringify({ ...fileRequest, name: `File ${n + i}` })
      })
      assert.equal(response.status, 201)
      await response.arrayBuffer()
    }))
  }
}

/** An accepted file of so many records. Gives its id. */
async function acceptedFile (origin, records) {
  const vendor = { role: 'vendor' }
  const created = JSON.parse(await ask(origin, {
    ...vendor,
    method: 'POST',
    path: '/v1/usage-files',
    json: {
      name: 'October', productId: PRODUCT.id, contractId: CONTRACT.id, currency: 'USD',
      period: { from: '2026-10-01', to: '2026-10-31' }
    }
  }))
  const path = `/v1/usage-files/${created.id}`
  const lines = ['record_id,item_search_criteria,item_search_value,quantity,start_time_utc,end_time_utc,' +
    'asset_search_criteria,asset_search_value,category_id,amount']
  for (let n = 1; n <= records; n += 1) {
    lines.push(`R${n},item.mpn,FB-SEATS,5,2026-10-01 00:00:00,2026-10-01 23:59:59,asset.id,AS-5501-1000-0001,,10.50`)
  }
  await ask(origin, { ...vendor, method: 'POST', path: `${path}/upload`, csv: lines.join('\n') })
  await untilStatus(origin, path, 'ready')
  await ask(origin, { ...vendor, method: 'POST', path: `${path}/submit` })
  await ask(origin, { method: 'POST', path: `${path}/accept` })
  return created.id
}

async function untilStatus (origin, path, status) {
  for (let tries = 0; tries < 600; tries += 1) {
    const file = JSON.parse(await ask(origin, { path, role: 'vendor' }))
    if (file.status === status) return
    assert.notEqual(file.status, 'invalid')
    await sleep(50)
  }
  throw new Error(`${path} is not ${status}`)
}

let shared
const sharedFile = async origin => await (shared ??= acceptedFile(origin, RECORDS))

const OPERATIONS = [
  {
    name: 'a file with categories, chunks and reconciliations',
    least: { calls: 4, turns: 1 },
    prepare: async origin => ({
      path: `/v1/usage-files/${await sharedFile(origin)}?include=categories,chunks,reconciliations`
    }),
    check: text => assert.ok(Array.isArray(JSON.parse(text).chunks))
  },
  {
    name: `${RECORDS} records as CSV`,
    least: { calls: RECORDS / 1_000, turns: RECORDS / 1_000 },
    prepare: async origin => ({ path: `/v1/usage-records?format=csv&fileId=${await sharedFile(origin)}` }),
    check: text => assert.equal(text.trim().split('\n').length, RECORDS + 1)
  },
  {
    name: `closing the ${RECORDS} records of a file`,
    // Two pages, four batches of 500 at the same time, and a last look.
    least: { calls: 7, turns: 4 },
    prepare: async origin => ({
      method: 'POST',
      path: `/v1/usage-files/${await acceptedFile(origin, RECORDS)}/records/close`,
      json: { externalBillingId: 'INV-1' }
    }),
    check: text => assert.equal(JSON.parse(text).summary.closed, RECORDS)
  },
  {
    name: `coverage over ${FILES} files`,
    // A page of files, beside it the listings and the newest files; then the products.
    least: { calls: 4, turns: 2 },
    prepare: () => ({ path: '/v1/usage-coverage?from=2026-10-01&to=2026-10-31', role: 'vendor' }),
    check: text => assert.ok(JSON.parse(text).items.length > 0)
  }
]

async function ask (origin, { method = 'GET', path, role = 'provider', json, csv }) {
  const response = await fetch(origin + path, {
    method,
    headers: {
      'x-api-key': keyOf(role),
      ...(json && { 'content-type': 'application/json' }),
      ...(csv && { 'content-type': 'text/csv' })
    },
    body: csv ?? (json && JSON.stringify(json))
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
  return text
}

async function get (url, options) {
  await new Promise((resolve, reject) => {
    request(url, options, response => {
      assert.equal(response.statusCode, 200)
      response.resume().on('end', resolve).on('error', reject)
    }).on('error', reject).end()
  })
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
