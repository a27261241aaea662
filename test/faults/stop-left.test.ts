import { once } from 'node:events'
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { XLSX } from '../../src/media-types.ts'
import { idOf } from '../closing/fixture.ts'
import { startUpstream, until } from '../helper.ts'
import { workbookOf } from '../uploads/forms.ts'
import { PROVIDER, startService, VENDOR, type Service } from './stop-service.ts'

const [ONE, TWO, THREE, UNREAD] = [idOf(1), idOf(2), idOf(3), idOf(4)]
const BILLING = { externalBillingId: 'INV-1' }

interface Held { path: string, answer: () => void, isCut: () => boolean }

/** A Connect that holds every close until the test lets it answer, and never answers a read of the record UNREAD. */
async function startSlowConnect (t: Test): Promise<{ baseUrl: string, held: Held[] }> {
  const held: Held[] = []
  const closed = new Set<string>()
  const record = (id: string): object => ({
    id,
    status: closed.has(id) ? 'closed' : 'approved',
    external_billing_id: closed.has(id) ? 'INV-1' : null
  })
  const answer = (response: ServerResponse, value: unknown): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const [, id = ''] = /\/usage\/records\/([^/?]+)/.exec(request.url ?? '') ?? []
    void text(request).then((body) => {
      if (request.method === 'GET') return id === UNREAD ? undefined : answer(response, record(id))
      const ids = id === 'close-records' ? (JSON.parse(body) as { id: string }[]).map(row => row.id) : [id]
      held.push({
        path: id,
        isCut: () => response.destroyed,
        answer: () => {
          for (const one of ids) closed.add(one)
          answer(response, id === 'close-records' ? ids.map(record) : record(id))
        }
      })
    })
  })
  return { baseUrl, held }
}

/** Sends the whole request, and leaves as soon as `until` is over. */
async function askAndLeave (port: number, path: string, body: object, until: () => Promise<void>): Promise<void> {
  const sent = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path,
    headers: { 'x-api-key': PROVIDER, 'content-type': 'application/json' }
  })
  sent.on('error', () => {}).end(JSON.stringify(body))
  await until()
  sent.destroy()
}

const linesOf = (output: string, what: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === what)

/** A close and a bulk close at Connect, whose callers have left, and SIGTERM. */
async function stopWithoutCallers (t: Test, held: Held[], { server, port }: Service): Promise<void> {
  await askAndLeave(port, `/v1/usage-records/${ONE}/close`, BILLING, async () => {
    await until(() => held.length === 1, 'the close')
  })
  await askAndLeave(
    port,
    '/v1/usage-records/close',
    { ...BILLING, records: [{ id: TWO }, { id: THREE }] },
    async () => {
      await until(() => held.length === 2, 'the bulk close')
    }
  )
  await until(() => linesOf(server.output(), 'request').length === 2, 'both callers to be seen leaving')
  server.child.kill('SIGTERM')
  await server.prints(/"draining"/)
  t.same(linesOf(server.output(), 'audit'), [], 'both are under way')
}

t.test(
  'SIGTERM with writes at Connect whose callers have left: they are seen through and audited, exit code 0',
  async t => {
    const { baseUrl, held } = await startSlowConnect(t)
    const service = await startService(t, baseUrl, 10_000)
    const { server } = service
    await stopWithoutCallers(t, held, service)
    // Longer than a stop takes that waits for sockets alone.
    await t.rejects(server.prints(/"stopped"/, 600), /no .* within/)
    t.same(
      held.map(({ isCut }) => isCut()),
      [false, false],
      'Connect keeps its connections'
    )
    for (const { answer } of held) answer()
    t.equal(await server.exits(), 0, server.output())
    t.match(
      linesOf(server.output(), 'audit').sort((a, b) => (String(a['operation']) < String(b['operation']) ? -1 : 1)),
      [
        { operation: 'closeUsageRecord', object: { recordId: ONE }, outcome: 'done', status: 200 },
        {
          operation: 'closeUsageRecords',
          outcome: 'done',
          records: { closed: 2, refused: 0, unknown: 0 },
          complete: false
        }
      ]
    )
    t.equal(held.length, 2, 'nothing went twice')
  }
)

t.test('at the time limit calls without an answer are unknown, with a line each, and the exit code is 1', async (t) => {
  const { baseUrl, held } = await startSlowConnect(t)
  const service = await startService(t, baseUrl, 1_000)
  const { server } = service
  const unread = askAndLeave(service.port, `/v1/usage-records/${UNREAD}/close`, BILLING, async () => {
    await server.exits()
  })
  await stopWithoutCallers(t, held, service)
  t.equal(await server.exits(), 1, server.output())
  await unread
  const lines = linesOf(server.output(), 'audit')
  const lineOf = (id: string): unknown => lines.find(({ object }) => (object as { recordId?: string }).recordId === id)
  t.match(lineOf(ONE), { operation: 'closeUsageRecord', outcome: 'unknown' })
  t.match(lineOf(UNREAD), { operation: 'closeUsageRecord', outcome: 'refused' }, 'nothing was sent')
  t.match(lines.find(({ operation }) => operation === 'closeUsageRecords'), {
    outcome: 'unknown',
    records: { requested: 2, closed: 0, refused: 0, unknown: 2, notSent: 0 },
    complete: false
  })
  t.equal(lines.length, 3)
  t.equal(held.length, 2)
})

t.test('without a write that runs the exit code is 0, also when connections are still open', async (t) => {
  const { baseUrl } = await startSlowConnect(t)
  const { server, port } = await startService(t, baseUrl, 0)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => { agent.destroy() })
  const read = request({
    agent, port, host: '127.0.0.1', path: `/v1/usage-records/${ONE}`, headers: { 'x-api-key': PROVIDER }
  }).end()
  const [answer] = await once(read, 'response') as [IncomingMessage]
  await text(answer)
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 0, server.output())
  t.notMatch(server.output(), /drain limit/)
})

t.test('at the time limit an upload that Connect has whole is audited unknown, exit code 1', async (t) => {
  const file = { id: 'UF-2026-11-0000-0001', status: 'draft', name: 'October' }
  let uploads = 0
  const { baseUrl } = await startUpstream(t, (incoming, response) => {
    if (incoming.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(file))
    } else {
      incoming.resume().once('end', () => { uploads += 1 })
    }
  })
  const { server, port } = await startService(t, baseUrl, 1_000)
  const upload = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: `/v1/usage-files/${file.id}/upload`,
    headers: { 'x-api-key': VENDOR, 'content-type': XLSX }
  })
  upload.on('error', () => {}).end(workbookOf(2_000))
  await until(() => uploads === 1, 'the upload to be whole')
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 1, server.output())
  t.match(linesOf(server.output(), 'audit'), [{ operation: 'uploadUsageFile', outcome: 'unknown' }])
})
