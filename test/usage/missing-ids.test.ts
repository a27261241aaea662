import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { toCategory } from '../../src/usage/mapping/category.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'
import { toUsageRule } from '../../src/usage/mapping/usage-rule.ts'
import { caller } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { makeApp } from '../helper.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

const MAPPERS: Readonly<Record<string, (given: object) => unknown>> = {
  'usage file': given => toUsageFile(given, VENDOR, 'list'),
  'usage record': given => toUsageRecord(given),
  chunk: given => toUsageChunk(given, PROVIDER),
  reconciliation: given => toReconciliation(given),
  rule: given => toUsageRule(given, 'PRD-1'),
  category: given => toCategory(given)
}

t.test('an object without an id is UPSTREAM_INVALID', async (t) => {
  for (const [what, map] of Object.entries(MAPPERS)) {
    for (const id of [undefined, null, '', {}, true]) {
      const error = new AppError('UPSTREAM_INVALID', `Connect sent a ${what} without an id.`)
      t.throws(() => map({ id }), error, `${what}: ${JSON.stringify(id) ?? 'absent'}`)
    }
    t.match(map({ id: 'X-1' }), { id: 'X-1' }, what)
  }
})

t.test('a list with such an object is 502', async (t) => {
  const list = () => ({ items: [{ id: 'UF-2026-01-1234-1234' }, { name: 'October' }], total: 2 })
  const { app } = await makeApp(t, { connect: fakeConnect({ usageFiles: { list } }).connect })
  const { status, json } = await caller(t, app, 'vendor', '')('GET', '/v1/usage-files')
  t.equal(status, 502)
  t.match(json, { code: 'UPSTREAM_INVALID', detail: 'Connect sent a usage file without an id.' })
})
