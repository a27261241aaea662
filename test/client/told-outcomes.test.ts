import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createUsageClient, type RecordOutcome } from '../../clients/typescript/src/index.ts'
import { PROVIDER_KEY, startUpstream, until, type Teardown } from '../helper.ts'

const FILE = 'UF-2026-11-0000-0001'
const BILLING = { externalBillingId: 'INV-1' }
const billed = (...ids: string[]) => ids.map(id => ({ id, ...BILLING }))

/** `cut`: an answer without its summary. `open`: an answer that does not end. */
type Answer = { told: string[], end?: 'cut' | 'open' } | 'problem'

interface Script { file?: Answer[], records?: Answer[] }

/** Starts a service that gives these answers one after another to each of the two requests. It repeats the last one. */
async function startScript (t: Teardown, script: Script) {
  const seen = { file: [] as string[], records: [] as string[] }
  const left = { count: 0 }
  const { baseUrl } = await startUpstream(t, (request, response) => {
    response.once('close', () => { if (!response.writableFinished) left.count++ })
    void text(request).then(body => {
      const kind = request.url?.endsWith('/usage-records/close') === true ? 'records' : 'file'
      const answers = script[kind] ?? []
      const answer = answers[Math.min(seen[kind].push(body), answers.length) - 1] ?? 'problem'
      if (answer === 'problem') {
        response.writeHead(503).end(JSON.stringify({ code: 'DRAINING', detail: 'It stops.', status: 503 }))
        return
      }
      response.write(`${answer.told.map(lineOf).join('')}\n`)
      if (answer.end === undefined) response.write('{"summary":{"requested":0}}\n')
      if (answer.end !== 'open') response.end()
    })
  })
  const client = (retryMs: number) => createUsageClient({ baseUrl, credential: { key: PROVIDER_KEY }, retryMs })
  return { seen, left, client }
}

function lineOf (told: string, index: number): string {
  const [id, outcome, code] = told.split(' ')
  return `${JSON.stringify({ id, index, outcome, ...(code !== undefined && { code, message: 'The reason.' }) })}\n`
}

/** Reads to the end or to an error. Gives the outcomes in short, and the error. */
async function read (outcomes: AsyncIterable<RecordOutcome>): Promise<{ told: string[], error: unknown }> {
  const told: string[] = []
  try {
    for await (const { id, index, outcome, code = '' } of outcomes) {
      told.push(`${index} ${id} ${outcome} ${code}`.trim())
    }
  } catch (error) {
    return { told, error }
  }
  return { told, error: null }
}

t.test('a record of a file is told as closed when its outcome was unknown at first', async (t) => {
  const { seen, client } = await startScript(t, {
    file: [
      {
        told: [
          'UR-1 closed', 'UR-2 unknown OUTCOME_UNKNOWN', 'UR-3 refused CONNECT_REJECTED', 'UR-4 refused DRAINING'
        ]
      },
      { told: ['UR-3 refused CONNECT_REJECTED', 'UR-4 closed'] }
    ],
    records: [{ told: ['UR-2 closed', 'UR-4 refused DRAINING'] }, { told: ['UR-4 closed'] }]
  })
  const { told, error } = await read(client(5000).closeFileRecords(FILE, BILLING))
  t.equal(error, null)
  t.same(told, ['0 UR-1 closed', '1 UR-2 closed', '2 UR-4 closed', '3 UR-3 refused CONNECT_REJECTED'])
  const sent = billed('UR-2', 'UR-4').map(record => `${JSON.stringify(record)}\n`)
  t.same(seen.records, [sent.join(''), sent[1]])
})

t.test('each outcome that was told is yielded once before the error of the last request', async (t) => {
  const first: Answer = {
    told: ['UR-1 closed', 'UR-2 unknown OUTCOME_UNKNOWN', 'UR-3 refused OVERLOADED', 'UR-4 refused BILLING_CONFLICT']
  }
  const cut: Answer = { told: [], end: 'cut' }

  await t.test('of the records of a file', async (t) => {
    const { client } = await startScript(t, { file: [{ ...first, end: 'cut' }, cut] })
    const { told, error } = await read(client(1500).closeFileRecords(FILE, BILLING))
    t.match(error, { code: 'CONNECTION_FAILED' })
    t.same(told, [
      '0 UR-1 closed', '1 UR-2 unknown OUTCOME_UNKNOWN', '2 UR-3 unknown OUTCOME_UNKNOWN',
      '3 UR-4 refused BILLING_CONFLICT'
    ], 'a request that failed may have closed UR-3')
  })

  await t.test('of the records of a file that were sent again by their ids', async (t) => {
    const { client } = await startScript(t, { file: [first], records: [cut, 'problem'] })
    const { told, error } = await read(client(2000).closeFileRecords(FILE, BILLING))
    t.match(error, { code: 'DRAINING' })
    t.same(told, [
      '0 UR-1 closed', '1 UR-2 unknown OUTCOME_UNKNOWN', '2 UR-3 unknown OUTCOME_UNKNOWN',
      '3 UR-4 refused BILLING_CONFLICT'
    ])
  })

  await t.test('of single records', async (t) => {
    const { client } = await startScript(t, { records: [first, cut] })
    const { told, error } = await read(client(1500).closeRecords(billed('UR-1', 'UR-2', 'UR-3', 'UR-4')))
    t.match(error, { code: 'CONNECTION_FAILED' })
    t.same(told, [
      '0 UR-1 closed', '3 UR-4 refused BILLING_CONFLICT', '1 UR-2 unknown OUTCOME_UNKNOWN',
      '2 UR-3 unknown OUTCOME_UNKNOWN'
    ])
  })

  await t.test('a refusal stays one when the service refuses the whole repeat', async (t) => {
    const { client } = await startScript(t, { records: [first, 'problem'] })
    const { told, error } = await read(client(1500).closeRecords(billed('UR-1', 'UR-2', 'UR-3', 'UR-4')))
    t.match(error, { code: 'DRAINING', status: 503 })
    t.same(told.slice(2), ['1 UR-2 unknown OUTCOME_UNKNOWN', '2 UR-3 refused OVERLOADED'])
  })
})

t.test('a signal that aborts does not take outcomes away that were told before', async (t) => {
  const { seen, client } = await startScript(t, { records: [{ told: ['UR-1 unknown OUTCOME_UNKNOWN'] }] })
  const controller = new AbortController()
  const reading = read(client(30_000).closeRecords(billed('UR-1'), { signal: controller.signal }))
  await until(() => seen.records.length === 2, 'the repeat')
  const reason = new Error('left the page')
  controller.abort(reason)
  t.same(await reading, { told: ['0 UR-1 unknown OUTCOME_UNKNOWN'], error: reason })
})

t.test('a loop that is left closes its connection', async (t) => {
  const { left, client } = await startScript(t, { file: [{ told: ['UR-1 closed'], end: 'open' }] })
  const outcomes = client(5000).closeFileRecords(FILE, BILLING)
  t.match(await outcomes.next(), { value: { id: 'UR-1' } })
  await outcomes.return()
  await until(() => left.count === 1, 'no connection')
})

t.test('the time in which the caller handles an outcome does not count against the repeats', async (t) => {
  const { client } = await startScript(t, {
    file: [{ told: ['UR-1 closed'], end: 'cut' }, { told: ['UR-2 closed'] }],
    records: [{ told: ['UR-1 closed'], end: 'cut' }, { told: ['UR-2 closed'] }]
  })
  const readSlowly = async (outcomes: AsyncIterable<RecordOutcome>): Promise<string[]> => {
    const ids: string[] = []
    for await (const { id } of outcomes) {
      ids.push(id)
      await sleep(1100)
    }
    return ids
  }
  t.same(await Promise.all([
    readSlowly(client(1000).closeFileRecords(FILE, BILLING)),
    readSlowly(client(1000).closeRecords(billed('UR-1', 'UR-2')))
  ]), [['UR-1', 'UR-2'], ['UR-1', 'UR-2']])
})
