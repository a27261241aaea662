/** Reading JSON: one usage file, and a list of a hundred. */
import { startNginx } from '../contenders/nginx.js'
import { startPeer } from '../contenders/peer.js'
import { startService } from '../contenders/service.js'
import { ask, CONNECT, SERVICE } from '../lib/apis.js'
import { amountFor, load } from '../lib/load.js'
import { stopAll } from '../lib/process.js'
import { ratio } from '../lib/ratios.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'

const CONNECTIONS = 50
const LIST = 100
const PROXY = '@fastify/http-proxy'
const EXPRESS = 'Express with an SDK-style client'

export async function json ({ startUpstream, hasNginx, isQuick }) {
  const { origin: upstream } = await startUpstream()
  const contenders = [
    { name: 'service', api: SERVICE, start: () => startService(upstream) },
    ...(hasNginx ? [{ name: 'nginx', api: CONNECT, start: () => startNginx(upstream) }] : []),
    { name: PROXY, api: CONNECT, start: () => startPeer('http-proxy.js', upstream) },
    { name: EXPRESS, api: CONNECT, start: () => startPeer('express-sdk.js', upstream) }
  ]
  for (const contender of contenders) contender.server = await contender.start()

  say('## JSON')
  say()
  say(`${CONNECTIONS} connections. CPU is user and system time of the process under test, for one request. The service`)
  say('authenticates, limits, maps, logs and counts each request; the first two peers hand bytes through.')
  say()
  const kinds = [
    { title: 'Detail of a usage file', path: api => api.detailPath, isRight: (api, value) => api.isDetail(value) },
    {
      title: `List of ${LIST} usage files`,
      path: api => api.listPath(LIST),
      isRight: (api, value) => api.isList(value, LIST)
    }
  ]
  const results = []
  for (const kind of kinds) results.push(await measure(kind, contenders, isQuick))
  const unchanged = await measureUnchanged(contenders[0].server, isQuick)
  await stopAll()

  const [details, lists] = results
  target(`detail, beside ${PROXY}`, ratio(details, 'cpuMicros', 'service', PROXY), 1.9)
  target(`detail, beside ${EXPRESS}`, ratio(details, 'cpuMicros', 'service', EXPRESS), 0.12)
  target(`list, beside ${EXPRESS}`, ratio(lists, 'cpuMicros', 'service', EXPRESS), 0.85)
  target('list that is unchanged (304), beside the list', unchanged, 0.6)
}

/** The list once more, as a portal asks that has the page already. */
async function measureUnchanged (server, isQuick) {
  const { listPath, headers } = SERVICE
  const path = listPath(LIST)
  const first = await fetch(server.origin + path, { headers })
  const bytes = (await first.arrayBuffer()).byteLength
  const what = { path, headers, connections: CONNECTIONS, bytes }
  const known = { ...what, headers: { ...headers, 'if-none-match': first.headers.get('etag') }, status: 304, bytes: 0 }
  const asked = new Map([['the page', what], ['304, the page is known', known]])
  for (const one of asked.values()) one.amount = await amountFor(server, one, isQuick ? 0.7 : 2)
  const names = [...asked.keys()]
  const samples = await interleave(names, isQuick ? 3 : 7, async name => await load(server, asked.get(name)))
  say(`### List of ${LIST} usage files, unchanged`)
  say()
  table(['', 'CPU µs', 'requests/s'], names.map(name =>
    [name, figure(samples.get(name), 'cpuMicros'), figure(samples.get(name), 'perSecond')]))
  return median(samples.get(names[1]), 'cpuMicros') / median(samples.get(names[0]), 'cpuMicros')
}

async function measure ({ title, path, isRight }, contenders, isQuick) {
  const seconds = isQuick ? 0.7 : 2
  const work = new Map()
  for (const { name, server, api } of contenders) {
    const { headers } = api
    const { value, bytes } = await ask(server.origin, path(api), headers)
    isRight(api, value)
    const what = { path: path(api), headers, connections: CONNECTIONS, bytes }
    work.set(server, { ...what, amount: await amountFor(server, what, seconds) })
    note(`${title}, ${name}: right, ${bytes} bytes, ${work.get(server).amount} requests a round`)
  }
  const samples = await interleave(
    contenders,
    isQuick ? 3 : 7,
    async ({ server }) => await load(server, work.get(server))
  )
  const ours = median(samples.get(contenders[0]), 'cpuMicros')
  say(`### ${title} (${number(work.get(contenders[0].server).bytes / 1000)} KB)`)
  say()
  table(['', 'CPU µs', 'service ÷ this', 'requests/s', 'p50 ms', 'p99 ms'], contenders.map(contender => {
    const own = samples.get(contender)
    return [
      contender.name,
      figure(own, 'cpuMicros'),
      number(ours / median(own, 'cpuMicros')),
      figure(own, 'perSecond'),
      number(median(own, 'p50')),
      number(median(own, 'p99'))
    ]
  }))
  return samples
}
