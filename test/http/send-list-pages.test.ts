import type { IncomingMessage } from 'node:http'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { asVendor, startApp, startUpstream, until } from '../helper.ts'
import { idsFrom, once, open, records } from './send-list-fixture.ts'

type Rows = Record<string, string>[]

t.test('a list of many pages arrives as it is read, and an id once', async (t) => {
  const held: (() => void)[] = []
  const { origin, offsets } = await records(t, async ({ offset }) => {
    if (offset > 0) await new Promise<void>(resolve => { held.push(resolve) })
    return { total: 2500, rows: idsFrom(offset, Math.min(1000, 2500 - offset)) }
  })
  const answer = await open(origin, '/v1/usage-records?format=csv')
  const [first] = await once(answer)
  t.ok(first.length > 0, 'the first page has come while the second is not there yet')
  t.same(held.length <= 1, true)
  const rest = collect(answer)
  for (let pages = 0; pages < 2; pages += 1) {
    await until(() => held.length > 0, 'the next page')
    held.pop()?.()
  }
  const rows: Rows = parse(Buffer.concat([first, await rest]), { columns: true })
  t.same(rows.map(({ id }) => id), idsFrom(0, 2500).map(({ id }) => id))
  t.same(offsets, [0, 1000, 2000])
})

t.test('a list that is not as long as Connect counts never looks whole', async (t) => {
  const cases: Record<string, (offset: number) => { total: number, rows: object[] }> = {
    'a row twice': offset => ({ total: 1500, rows: idsFrom(offset === 0 ? 0 : 999, offset === 0 ? 1000 : 500) }),
    'fewer than counted': offset => ({ total: 1500, rows: offset === 0 ? idsFrom(0, 1000) : [] }),
    'a list that shrinks': offset => offset === 0
      ? { total: 1500, rows: idsFrom(0, 1000) }
      : { total: 1499, rows: idsFrom(1001, 499) }
  }
  for (const [name, list] of Object.entries(cases)) {
    for (const format of ['csv', 'ndjson']) {
      const { origin } = await records(t, ({ offset }) => list(offset))
      const answer = await open(origin, `/v1/usage-records?format=${format}`)
      t.equal(answer.statusCode, 200)
      const text = await collect(answer).then(String, (error: unknown) => error)
      t.match(text, { code: 'ECONNRESET' }, `${name}, ${format}: the connection is closed`)
    }
  }
})

async function collect (answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of answer) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

t.test('a page that contradicts itself is 502, and after a short one the next begins where it ended', async (t) => {
  let rows: object[] = []
  const upstream = await startUpstream(t, (_request, response) => {
    const body = JSON.stringify(rows)
    response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-9/25' }).end(body)
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: upstream.baseUrl } })
  const page = async (): Promise<Response> =>
    await fetch(`${origin}/v1/usage-records?limit=10`, { headers: asVendor })
  const record = (at: number): object => ({ id: `UR-2026-11-0000-0000-0000-000${at}`, status: 'approved' })
  for (rows of [[], [record(1), record(2), record(1)]]) {
    const refused = await page()
    t.equal(refused.status, 502)
    t.match(await refused.json(), { code: 'UPSTREAM_INVALID', detail: rows.length === 0 ? /counted more/ : /twice/ })
  }
  rows = [record(1), record(2), record(3)]
  const short = await page()
  t.equal(short.status, 200)
  t.match(short.headers.get('link'), /<\/v1\/usage-records\?limit=10&offset=3>; rel="next"/)
})
