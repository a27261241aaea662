/**
 * What each safety of the service costs: the service beside itself with that one taken out. Nothing of this is shipped.
 */
import assert from 'node:assert/strict'
import { keyOf, startService } from '../contenders/service.js'
import { startVariant } from '../contenders/service-variant.js'
import { ask, SERVICE } from '../lib/apis.js'
import { amountFor, load } from '../lib/load.js'
import { stopAll } from '../lib/process.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { AMOUNT, USAGE } from '../upstream/data.js'

const CONNECTIONS = 50
/** Lists of records have a bound of their own, in all and for each caller. */
const RECORD_CONNECTIONS = 4
const RECORDS = '/v1/usage-records?limit=100'
const SHIPPED = { name: 'as shipped' }

const OF_DETAIL = [
  SHIPPED,
  { name: 'without the log line', edits: [['src/observability/request-log.ts', 'request.log.info(', 'void (']] },
  {
    name: 'without looking at the key',
    edits: [
      [
        'src/http/plugins/auth.ts',
        'await authenticate(request, callers.current(), verify)',
        '{ caller: callers.current().entries.at(-1), endsAt: null }'
      ]
    ]
  },
  {
    name: 'without counting requests',
    edits: [['src/http/plugins/auth.ts', 'await app.rateLimit.countRequest(reply, callerOf(request).id)', '']]
  },
  { name: 'without its tag', edits: [['src/http/etag.ts', /return `W\/.*$/m, 'return \'W/"none"\';']] },
  {
    name: 'without headers for browsers',
    edits: [['src/http/plugins/answer-headers.ts', 'reply.headers(options.headersOf(request))', '']]
  }
]
const OF_RECORDS = [
  SHIPPED,
  {
    name: 'without exact decimals',
    edits: [['src/connect/lossless-json.ts', 'JSON.parse(quoted(text))', 'JSON.parse(text)']]
  }
]

export async function costs ({ startUpstream, isQuick }) {
  const { origin: upstream } = await startUpstream()
  say('## What each safety costs')
  say()
  say('The service beside itself with one thing taken out of its sources. Nothing of this is shipped.')
  say()
  await measure(
    'Detail of a usage file',
    OF_DETAIL,
    upstream,
    isQuick,
    { path: SERVICE.detailPath, connections: CONNECTIONS },
    SERVICE.isDetail
  )
  await measure(
    `List of 100 usage records, ${RECORD_CONNECTIONS} connections`,
    OF_RECORDS,
    upstream,
    isQuick,
    { path: RECORDS, connections: RECORD_CONNECTIONS },
    (value, { edits }) => {
      // The proof of what it is for: without, digits are lost.
      const isExact = value.items.every(({ amount, quantity }) => amount === AMOUNT && quantity === USAGE)
      assert.equal(isExact, edits === undefined)
    }
  )
}

async function measure (title, variants, upstream, isQuick, what, isRight) {
  const contenders = []
  for (const variant of variants) {
    const server = variant === SHIPPED ? await startService(upstream) : await startVariant(upstream, variant)
    const { value, bytes } = await ask(server.origin, what.path, SERVICE.headers)
    isRight(value, variant)
    const work = { ...what, headers: { 'x-api-key': keyOf('provider') }, bytes }
    contenders.push({
      name: variant.name,
      server,
      work: { ...work, amount: await amountFor(server, work, isQuick ? 0.5 : 1.5) }
    })
    note(`${title}, ${variant.name}: right`)
  }
  const samples = await interleave(contenders, isQuick ? 3 : 5, async ({ server, work }) => await load(server, work))
  const shipped = median(samples.get(contenders[0]), 'cpuMicros')
  say(`### ${title}`)
  say()
  table(['', 'CPU µs', 'costs µs', '% of the request'], contenders.map((contender, n) => {
    const own = samples.get(contender)
    const cost = shipped - median(own, 'cpuMicros')
    return [
      contender.name,
      figure(own, 'cpuMicros'),
      n === 0 ? '' : number(cost),
      n === 0 ? '' : number((cost / shipped) * 100)
    ]
  }))
  await stopAll(contenders.map(({ server }) => server))
}
