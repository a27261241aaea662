import { resolve } from 'node:path'
import { writeUsageWorkbook } from '../../sandbox/src/workbooks/usage-file.ts'
import { start } from '../smoke/processes.ts'
import {
  bff, check, curl, home, isAll, json, LATENCY_MS, processes, RECORDS, TOKENS, writeBody
} from './bulk-close-fixture.ts'

export async function speed (): Promise<void> {
  const sandbox = start(process.execPath, [resolve('sandbox/dist/main.js')], {
    cwd: home,
    env: { SANDBOX_PORT: '0', SANDBOX_PROCESSING_MS: '0', SANDBOX_CONTROL: '1', SANDBOX_SEED: 'small' }
  })
  processes.push(sandbox)
  const [origin] = await sandbox.prints(/http:\/\/127\.0\.0\.1:\d+/)
  const base = `${origin}/public/v1`
  const columns = [
    'record_id',
    'item_search_criteria',
    'item_search_value',
    'quantity',
    'start_time_utc',
    'end_time_utc',
    'asset_search_criteria',
    'asset_search_value',
    'amount'
  ]
  const perFile = 25_000
  const singles = 200
  const bytes = await writeUsageWorkbook(
    columns,
    Array.from({ length: perFile }, (_, n) => [
      `R${n}`,
      'item.mpn',
      'FB-SEATS',
      '5',
      '2026-10-01 00:00:00',
      '2026-10-01 23:59:59',
      'asset.id',
      'AS-5501-1000-0001',
      '10.50'
    ])
  )
  const ids: string[] = []
  for (let file = 0; ids.length < RECORDS + singles; file++) {
    const header = {
      name: `File ${file}`,
      period: { from: '2026-10-01', to: '2026-10-31' },
      product: { id: 'PRD-276-377-545' },
      contract: { id: 'CRD-10000-20000-30000' }
    }
    const { id } = await json<{ id: string }>(`${base}/usage/files`, 'POST', header, TOKENS.vendor)
    const form = new FormData()
    form.set('usage_file', new Blob([new Uint8Array(bytes)]), 'usage.xlsx')
    await json(`${base}/usage/files/${id}/upload`, 'POST', form, TOKENS.vendor)
    while (
      (await json<{ status: string }>(`${base}/usage/files/${id}`, 'GET', undefined, TOKENS.vendor)).status !== 'ready'
    ) { await new Promise(resolve => setTimeout(resolve, 50)) }
    await json(`${base}/usage/files/${id}/submit`, 'POST', {}, TOKENS.vendor)
    await json(`${base}/usage/files/${id}/accept`, 'POST', {}, TOKENS.provider)
    for (let offset = 0; offset < perFile; offset += 1000) {
      const page = await json<{ id: string }[]>(
        `${base}/usage/records?usagefile.id=${id}&status=approved&ordering(created_time)&limit=1000&offset=${offset}`,
        'GET',
        undefined,
        TOKENS.provider
      )
      ids.push(...page.map(record => record.id))
    }
  }
  const [single, many] = [ids.slice(0, singles), ids.slice(singles, singles + RECORDS)]
  await json(`${origin}/__control/faults`, 'POST', { match: {}, times: 0, fault: { type: 'delay', ms: LATENCY_MS } })
  const startedAt = performance.now()
  for (const id of single) {
    await json(`${base}/usage/records/${id}/close`, 'POST', { external_billing_id: 'INV-0' }, TOKENS.provider)
  }
  const oneByOne = (performance.now() - startedAt) / singles * RECORDS

  const service = await bff(origin)
  const { ms, firstMs, lines, summary } = await curl(service.origin, await writeBody(many, 'ndjson'), 'ndjson')
  const { closes } = await json<{ closes: Record<string, number> }>(`${origin}/__control/summary`, 'GET')
  check(`${RECORDS} records, one call each`, `${(oneByOne / 1000).toFixed(0)} s`, '', true)
  check(
    `${RECORDS} records, one curl`,
    `${(ms / 1000).toFixed(1)} s, ${(oneByOne / ms).toFixed(0)} times faster`,
    '50 times',
    ms * 50 <= oneByOne
  )
  check('first outcome seen after', `${firstMs.toFixed(0)} ms`, 'half the time', firstMs > 0 && firstMs < ms / 2)
  check('outcomes', `${lines}, ${JSON.stringify(summary)}`, 'all closed', lines === RECORDS && isAll(summary, RECORDS))
  check(
    'closed once each in the ledger',
    String(many.filter(id => closes[id] === 1).length),
    String(RECORDS),
    many.every(id => closes[id] === 1)
  )
  service.stop()
  sandbox.kill()
}
