import t from 'tap'
import { asProvider, asVendor, startApp, startBoth, startUpstream } from '../../helper.ts'
import type { UsageFileTotals } from '../../../schemas/usage-totals.ts'
import { connectFile, FILE_ID } from '../call.ts'
import { conformsTo } from '../validate-answer.ts'

interface Record { status: string, quantity: string | null, amount: string | null, item: { id: string } }

t.test('the totals of every file of the sandbox are those of its records', async (t) => {
  const { origin } = await startBoth(t)
  const get = async <Body>(path: string): Promise<Body> =>
    await (await fetch(origin + path, { headers: asProvider })).json() as Body
  const files = (await get<{ items: { id: string, currency: string | null }[] }>('/v1/usage-files')).items
  t.ok(files.length > 5)
  for (const { id, currency } of files) {
    const totals = await get<UsageFileTotals>(`/v1/usage-files/${id}/totals`)
    t.ok(conformsTo('UsageFileTotals', totals))
    const records = (await get<{ items: Record[] }>(`/v1/usage-records?fileId=${id}&limit=1000`)).items
    t.match(totals, { currency, records: records.length })
    for (const { status, records: count, amount } of totals.byStatus) {
      const own = records.filter(one => one.status === status)
      t.equal(count, own.length, status ?? 'null')
      t.equal(scaled(amount), sumOf(own.map(one => one.amount)))
    }
    for (const { item, records: count, quantity } of totals.byItem) {
      const own = records.filter(one => one.item.id === item.id)
      t.equal(count, own.length, item.id ?? 'null')
      t.equal(scaled(quantity), sumOf(own.map(one => one.quantity)))
    }
    t.equal(totals.byItem.reduce((sum, one) => sum + one.records, 0), records.length)
  }
})

t.test('no digit is lost over several pages, and a list that is not complete is no total', async (t) => {
  const row = (at: number): string =>
    `{"id":"UR-${at}","status":"valid","usagefile":{"id":"${FILE_ID}"},"item":{"id":"I"},` +
    '"usage":0.1,"amount":9007199254740993.12345678}'
  const listed = async (total: number, count: number): Promise<Response> => {
    const { baseUrl } = await startUpstream(t, (request, response) => {
      response.setHeader('content-type', 'application/json')
      const [, limit, offset] = /limit=(\d+)&offset=(\d+)/.exec(request.url ?? '') ?? []
      if (offset === undefined) {
        response.end(JSON.stringify(connectFile('ready')))
        return
      }
      const rows = Array.from({ length: Math.max(0, Math.min(Number(limit), count - Number(offset))) },
        (_, at) => row(Number(offset) + at))
      response.setHeader('content-range', `items ${offset}-${Number(offset) + Math.max(0, rows.length - 1)}/${total}`)
      response.end(`[${rows.join(',')}]`)
    })
    const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
    return await fetch(`${origin}/v1/usage-files/${FILE_ID}/totals`, { headers: asVendor })
  }
  t.same(await (await listed(1500, 1500)).json(), {
    currency: 'EUR',
    records: 1500,
    byStatus: [{ status: 'valid', records: 1500, amount: '13510798882111489685.18517000' }],
    byItem: [{
      item: { id: 'I', localId: null, name: null, unit: null, mpn: null, precision: null, type: null },
      records: 1500,
      quantity: '150.0',
      amount: '13510798882111489685.18517000'
    }]
  })
  const short = await listed(1500, 1400)
  t.match([short.status, await short.json()], [502, { code: 'UPSTREAM_INVALID' }])
})

t.test('a record that cannot be added is an error, and never left out of the sum', async (t) => {
  let more: object = {}
  const { baseUrl } = await startUpstream(t, (request, response) => {
    response.setHeader('content-type', 'application/json')
    const isList = request.url?.includes('/usage/records') === true
    if (isList) response.setHeader('content-range', 'items 0-1/2')
    const row = { status: 'valid', usagefile: { id: FILE_ID }, item: { id: 'I' }, amount: '1.5', usage: null }
    const rows = [{ ...row, id: 'UR-1' }, { ...row, id: 'UR-2', ...more }]
    response.end(JSON.stringify(isList ? rows : connectFile('ready')))
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  for (const [given, status] of [
    [{ amount: '1,000.00' }, 502],
    [{ amount: {} }, 502],
    [{ usage: 'many' }, 502],
    [{ amount: '9'.repeat(61) }, 502],
    [{ usagefile: { id: 'UF-2026-11-9999-9999' } }, 502],
    [{ usagefile: undefined }, 502],
    [{ amount: null }, 200],
    [{ amount: '' }, 200]
  ] as const) {
    more = given
    const answer = await fetch(`${origin}/v1/usage-files/${FILE_ID}/totals`, { headers: asVendor })
    t.equal(answer.status, status, JSON.stringify(given))
    const json = await answer.json() as object
    t.match(json, status === 502 ? { code: 'UPSTREAM_INVALID' } : { byStatus: [{ records: 2, amount: '1.5' }] })
  }
})

/** In units of 10^-8. */
function scaled (text: string | null): bigint {
  const [whole = '0', fraction = ''] = (text ?? '0').split('.')
  return BigInt(whole + fraction.padEnd(8, '0'))
}

function sumOf (texts: readonly (string | null)[]): bigint {
  return texts.reduce((sum, text) => sum + scaled(text), 0n)
}
