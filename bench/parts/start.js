/** From spawn to listening, and the memory of a service that nobody has called yet. */
import { startPeer } from '../contenders/peer.js'
import { startService } from '../contenders/service.js'
import { ask } from '../lib/apis.js'
import { ratio } from '../lib/ratios.js'
import { figure, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'

const FASTIFY = 'bare Fastify'

export async function start ({ startUpstream, isQuick }) {
  const { origin: upstream } = await startUpstream()
  const contenders = [
    { name: 'service', path: '/health/live', start: () => startService(upstream) },
    { name: FASTIFY, path: '/', start: () => startPeer('bare-fastify.js', upstream) }
  ]
  const samples = await interleave(contenders, isQuick ? 3 : 9, async ({ path, start }) => {
    const server = await start()
    const cpu = server.cpuSeconds()
    const rss = await server.restingRss(1)
    await ask(server.origin, path, {})
    await server.stop()
    return { ms: server.startMs, cpuMs: cpu * 1000, rss }
  })
  const ours = median(samples.get(contenders[0]), 'ms')
  say('## Start')
  say()
  table(['', 'spawn to listening ms', 'service ÷ this', 'CPU ms', 'idle RSS MiB'], contenders.map(contender => {
    const own = samples.get(contender)
    return [
      contender.name,
      figure(own, 'ms'),
      number(ours / median(own, 'ms')),
      figure(own, 'cpuMs'),
      figure(own, 'rss')
    ]
  }))
  target(`start, beside ${FASTIFY}`, ratio(samples, 'ms', 'service', FASTIFY), 2.6)
  target(`idle RSS, beside ${FASTIFY}`, ratio(samples, 'rss', 'service', FASTIFY), 1.9)
}
