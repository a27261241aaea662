import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { callerCalled, startApp, startUpstream, testCallers, until } from '../../helper.ts'
import { CLOSE, NDJSON, lines } from './fixture.ts'

const FILE_ID = 'UF-2026-11-0000-0001'
/** The most reads of all bulk closes together. */
const READS = 16

t.test('the list of a file waits for a place among the reads of all bulk closes', async (t) => {
  const held: ServerResponse[] = []
  let isHolding = true
  let most = 0
  let lists = 0
  let files = 0
  const json = (answer: ServerResponse, status: number, value: unknown): void => {
    answer.writeHead(status, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' })
    answer.end(JSON.stringify(value))
  }
  const failed = { error_code: 'SYS_000', errors: ['Broken.'] }
  const upstream = await startUpstream(t, (call, answer) => {
    void text(call)
    const path = call.url ?? ''
    if (call.method === 'POST') return json(answer, 500, failed)
    if (path.includes('/usage/files/')) {
      files += 1
      return json(answer, 200, { id: FILE_ID, status: 'accepted' })
    }
    if (/\/usage\/records\?/.test(path)) {
      lists += 1
      return json(answer, 200, [])
    }
    if (!isHolding) return json(answer, 404, failed)
    held.push(answer)
    most = Math.max(most, held.length)
  })
  const callers = { entries: [...testCallers().entries, callerCalled('a', 'provider'), callerCalled('b', 'provider')] }
  const { origin } = await startApp(t, {
    callers, env: { CONNECT_BASE_URL: upstream.baseUrl, CLOSE_BATCH_SIZE: '8', CLOSE_CONCURRENCY: '2' }
  })
  const close = async (path: string, key: string, type: string, body: string): Promise<string> => {
    const headers = { 'x-api-key': key, 'content-type': type }
    return await (await fetch(origin + path, { method: 'POST', headers, body })).text()
  }
  const many = Array.from({ length: 4 }, async (_, n) => {
    const ids = Array.from({ length: 16 }, (_, i) => `UR-2026-11-0000-0000-0000-${1000 + n * 100 + i}`)
    return await close(CLOSE, 'a-key', NDJSON, lines(ids))
  })
  await until(() => held.length === READS, 'all places to be taken')
  const path = `/v1/usage-files/${FILE_ID}/records/close`
  const whole = close(path, 'b-key', 'application/json', '{"externalBillingId":"INV-1"}')
  await until(() => files === 1, 'the file to be read')
  // Connect answers other reads meanwhile; a list without a place would have come before them.
  for (let n = 0; n < 3; n += 1) {
    await fetch(`${origin}/v1/usage-files/${FILE_ID}`, { headers: { 'x-api-key': 'b-key' } })
  }
  t.same({ lists, files, most }, { lists: 0, files: 4, most: READS })
  isHolding = false
  for (const answer of held) json(answer, 404, failed)
  t.match(JSON.parse(await whole), { summary: { requested: 0 } })
  t.ok(lists >= 1, 'the list comes when there is a place')
  await Promise.all(many)
})
