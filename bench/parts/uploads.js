/** Uploads: one large, one of a common size, fifty at once. */
import assert from 'node:assert/strict'
import { startNginx } from '../contenders/nginx.js'
import { startPeer } from '../contenders/peer.js'
import { startService } from '../contenders/service.js'
import { CONNECT, SERVICE } from '../lib/apis.js'
import { takeLedger } from '../lib/ledger.js'
import { ratio } from '../lib/ratios.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'
import { digestOf, MIB, upload } from '../lib/upload.js'

const GIB = 1024 * MIB
const PROXY = '@fastify/http-proxy'
const NGINX_LARGE = 'nginx, 256k buffers'
const NGINX = 'nginx, default buffers'
const IN_MEMORY = 'buffer, then fetch'
const AT_ONCE = 50

export async function uploads ({ startUpstream, hasNginx, isQuick }) {
  const { origin: upstream } = await startUpstream()
  const contenders = [
    { name: 'service', api: SERVICE, start: () => startService(upstream, { callers: AT_ONCE }) },
    ...(hasNginx
      ? [
          { name: NGINX_LARGE, api: CONNECT, start: () => startNginx(upstream, { buffer: '256k' }) },
          { name: NGINX, api: CONNECT, start: () => startNginx(upstream) }
        ]
      : []),
    { name: PROXY, api: CONNECT, start: () => startPeer('http-proxy.js', upstream) },
    { name: IN_MEMORY, api: CONNECT, holdsAll: true, start: () => startPeer('buffer-then-fetch.js', upstream) }
  ]
  for (const contender of contenders) {
    contender.server = await contender.start()
    await check(upstream, contender)
  }
  say('## Uploads')
  say()
  say(
    'Multipart, of known length. CPU for each GiB; memory is the highest resident size over that at rest after a ' +
    'first upload.'
  )
  say()
  // What holds whole files is given fewer rounds, and never fifty files: it would fill the machine.
  const rounds = isQuick ? 3 : 5
  const large = isQuick ? 256 * MIB : GIB
  const ofOne = await measure({ contenders, rounds, isQuick }, large, 1, round => round < (isQuick ? 1 : 3))
  print(`One of ${large / MIB} MiB`, contenders, ofOne)
  if (!isQuick) {
    print('One of 64 MiB', contenders, await measure({ contenders, rounds, isQuick }, 64 * MIB, 1, round => round < 3))
  }
  const streaming = contenders.filter(({ holdsAll }) => holdsAll !== true)
  const atOnce = await measure(
    { contenders: streaming, rounds: isQuick ? 1 : 3, isQuick },
    64 * MIB,
    AT_ONCE,
    () => false
  )
  print(`${AT_ONCE} of 64 MiB at once`, contenders, atOnce)
  const refusals = median(atOnce.get(contenders[0]), 'refusals')
  if (refusals > 0) {
    say(
      `The service bounds the uploads at a time, and ${AT_ONCE} are more: ${number(refusals)} times a caller was ` +
      'told 503 with Retry-After, and came back.\n'
    )
  }

  target(`upload, CPU, beside ${PROXY}`, ratio(ofOne, 'cpuPerGib', 'service', PROXY), 0.8)
  target(`upload, CPU, beside ${NGINX_LARGE}`, ratio(ofOne, 'cpuPerGib', 'service', NGINX_LARGE), 2.6)
  target(`upload, CPU, beside ${NGINX}`, ratio(ofOne, 'cpuPerGib', 'service', NGINX), 0.95)
  target(`upload of ${large / MIB} MiB, memory`, median(ofOne.get(contenders[0]), 'overIdle'), 32, 'MiB')
  target(`${AT_ONCE} uploads at once, memory`, median(atOnce.get(contenders[0]), 'overIdle'), 48, 'MiB')
}

/** What arrives at Connect is the file, under Connect's name; two sizes, because small ones go another way. */
async function check (upstream, { name, api, server }) {
  for (const bytes of [100_000, 8 * MIB + 1]) {
    await takeLedger(upstream, { digest: true })
    await upload(server.origin, api, bytes)
    const { uploads: [seen, ...others] } = await takeLedger(upstream)
    assert.deepEqual(
      { ...seen.file, others },
      { field: 'usage_file', bytes, sha256: digestOf(bytes), others: [] },
      name
    )
  }
  note(`${name}: right`)
}

async function measure ({ contenders, rounds, isQuick }, bytes, atOnce, isTurnOfHolder) {
  return await interleave(contenders, rounds, async ({ name, api, server, holdsAll }, round) => {
    if (holdsAll === true && !isTurnOfHolder(round)) return null
    // Warm: compiled code and V8's young generation are there already.
    if (round === 0) {
      await Promise.all(Array.from({ length: Math.min(atOnce, 8) }, (_, n) => upload(server.origin, api, 64 * MIB, n)))
    }
    const idle = await server.restingRss(isQuick ? 0.3 : 1)
    server.forgetPeak()
    const cpuBefore = server.cpuSeconds()
    const startedAt = performance.now()
    const all = await Promise.all(Array.from({ length: atOnce }, (_, n) => upload(server.origin, api, bytes, n)))
    const seconds = (performance.now() - startedAt) / 1000
    const cpu = server.cpuSeconds() - cpuBefore
    const peak = server.peakRss()
    server.dropLog()
    note(`${name}, ${atOnce} × ${bytes / MIB} MiB, round ${round + 1}: ${number(cpu)} s of CPU`)
    return {
      cpuPerGib: cpu / (atOnce * bytes / GIB),
      mibPerSecond: atOnce * bytes / MIB / seconds,
      peak,
      overIdle: peak - idle,
      refusals: all.reduce((sum, { refusals }) => sum + refusals, 0)
    }
  })
}

function print (title, contenders, samples) {
  const ours = median(samples.get(contenders[0]), 'cpuPerGib')
  say(`### ${title}`)
  say()
  table(['', 'CPU s/GiB', 'service ÷ this', 'MiB/s', 'peak RSS MiB', 'over idle MiB'], contenders.map(contender => {
    const own = samples.get(contender)
    if (own === undefined) return [contender.name, 'not run', '', '', '', '']
    return [
      contender.name,
      figure(own, 'cpuPerGib'),
      number(ours / median(own, 'cpuPerGib')),
      figure(own, 'mibPerSecond'),
      figure(own, 'peak'),
      figure(own, 'overIdle')
    ]
  }))
}
