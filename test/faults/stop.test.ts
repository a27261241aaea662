import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { until } from '../helper.ts'
import { idOf } from '../closing/fixture.ts'
import { parseLines } from '../routes/bulk-closes/fixture.ts'
import { formOf, KIB, MIB, workbookOf } from '../uploads/forms.ts'
import { connectTo, type WireClient } from '../uploads/wire.ts'
import { CHUNK, FILE } from './small-connect.ts'
import { startStopConnect, WORKBOOK_BYTES } from './stop-connect.ts'
import { PROVIDER, startService, VENDOR } from './stop-service.ts'

const LIMIT_MS = 10_000
const BULK = 50_000

interface Reply { status: number, body: string, headers: IncomingMessage['headers'] }

/** Null: there was no connection, or it ended without an answer. */
async function ask (
  port: number,
  method: string,
  path: string,
  key: string,
  body?: string,
  more: { agent?: Agent; headers?: Record<string, string> } = {}
): Promise<Reply | null> {
  const { agent, headers } = more
  const sent = request({
    port,
    host: '127.0.0.1',
    method,
    path,
    ...(agent !== undefined && { agent }),
    headers: {
      'x-api-key': key,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...headers
    }
  })
  sent.end(body)
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 0, body: await text(answer), headers: answer.headers }
  } catch {
    return null
  }
}

/** Asks again and again until it is refused, by answer or by the port; gives all that it was told. */
async function keepAsking (asking: (nth: number, agent: Agent) => Promise<Reply | null>): Promise<(Reply | null)[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const replies: (Reply | null)[] = []
  for (let nth = 0; replies.at(-1) !== null; nth++) replies.push(await asking(nth, agent))
  agent.destroy()
  return replies
}

async function beginUpload (t: Test, port: number, form: Buffer, first: number): Promise<WireClient> {
  const client = await connectTo(t, port)
  await client.sendHead({
    path: `/v1/usage-files/${FILE}/upload`,
    key: VENDOR,
    headers: { 'content-type': 'multipart/form-data; boundary=b0undary', 'content-length': String(form.length) }
  })
  await client.sendBody(form.subarray(0, first))
  return client
}

t.test('SIGTERM under traffic leads to no wrong answer, no unknown outcome, and exit code 0', async (t) => {
  const connect = await startStopConnect(t)
  const { server, port } = await startService(t, connect.baseUrl, LIMIT_MS)

  const readers = [1, 2, 3].map(
    async () =>
      await keepAsking(
        async (_nth, agent) => await ask(port, 'GET', `/v1/usage-files/${FILE}`, VENDOR, undefined, { agent })
      )
  )
  const single = (closer: number, nth: number): string => idOf(100_000 + closer * 10_000 + nth)
  const closers = [1, 2, 3].map(
    async closer =>
      await keepAsking(
        async (nth, agent) =>
          await ask(
            port,
            'POST',
            `/v1/usage-records/${single(closer, nth)}/close`,
            PROVIDER,
            '{"externalBillingId":"INV-1"}',
            { agent }
          )
      )
  )
  const form = formOf({ file: workbookOf(MIB) })
  const [ending, stalled] = [await beginUpload(t, port, form, 600 * KIB), await beginUpload(t, port, form, 600 * KIB)]
  const taken = ask(port, 'GET', `/v1/usage-chunks/${CHUNK}/file`, PROVIDER)
  const unread = await connectTo(t, port)
  unread.socket.pause()
  await unread.sendHead({ method: 'GET', path: `/v1/usage-chunks/${CHUNK}/file`, key: PROVIDER })
  const idle = await connectTo(t, port)
  await until(() => connect.uploads.length === 2, 'the uploads')
  const list = Array.from({ length: BULK }, (_, n) => `{"id":"${idOf(n)}","externalBillingId":"INV-1"}\n`).join('')
  const bulk = ask(port, 'POST', '/v1/usage-records/close', PROVIDER, list, {
    headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' }
  })
  await until(() => connect.closed.size > BULK / 10, 'the bulk close to be under way')

  server.child.kill('SIGTERM')
  await Promise.all([...readers, ...closers])
  t.notOk(server.child.exitCode, 'refusals come while it still works')
  await ending.sendBody(form.subarray(600 * KIB))
  connect.release()
  t.match(
    await ending.answer(),
    { status: 202, headers: { connection: 'close' } },
    'an upload that ends in time is one'
  )
  t.match(
    await stalled.answer(),
    { status: 503, headers: { 'retry-after': '1' }, json: { code: 'DRAINING' } },
    'one that does not is told'
  )
  t.equal(await server.exits(), 0, server.output())
  t.notMatch(server.output(), /drain limit/, 'it ends before the limit')
  await until(idle.isClosed, 'the idle connection to end')
  unread.socket.resume()
  await t.rejects(unread.answer(), /closed after/, 'a download that nobody takes has no clean end')
  t.equal((await taken)?.body.length, WORKBOOK_BYTES, 'one that is taken is whole')
  t.same(connect.uploads.map(({ isWhole }) => isWhole).sort(), [false, true])

  const told = (await Promise.all([...readers, ...closers])).flat()
  t.ok(told.filter(reply => reply?.status === 200).length > 6)
  for (const reply of told) {
    if (reply !== null && reply.status !== 200) {
      t.match(reply, { status: 503, headers: { connection: 'close' }, body: /"DRAINING"/ })
    }
  }
  for (const [i, replies] of (await Promise.all(closers)).entries()) {
    t.same(
      replies.map((_, nth) => connect.closed.get(single(i + 1, nth)) ?? 0),
      replies.map(reply => (reply?.status === 200 ? 1 : 0)),
      'closed once or not at all, as told'
    )
  }
  const { outcomes, summary } = parseLines((await bulk)?.body ?? '')
  const closed = outcomes.filter(({ outcome }) => outcome === 'closed')
  t.same(outcomes.map(({ id }) => id), Array.from({ length: BULK }, (_, n) => idOf(n)), 'each record has one outcome')
  t.same(
    outcomes.map(({ id }) => connect.closed.get(id) ?? 0),
    outcomes.map(({ outcome }) => (outcome === 'closed' ? 1 : 0)),
    'the ledger agrees'
  )
  t.same(summary, { requested: BULK, closed: closed.length, refused: BULK - closed.length, unknown: 0 })
  t.match(server.output(), /"operation":"closeUsageRecords",[^\n]*"outcome":"partial"/, 'so does the audit line')
  t.ok(closed.length < BULK && outcomes.every(({ outcome, code }) => outcome === 'closed' || code === 'DRAINING'))
})
